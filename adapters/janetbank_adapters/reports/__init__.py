"""Where the acceptance reports of a day go: into files, or into memory."""
