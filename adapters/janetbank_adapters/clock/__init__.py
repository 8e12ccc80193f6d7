"""The time: from the machine, or turned by hand."""
