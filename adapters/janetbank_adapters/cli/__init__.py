"""The command line: `janetbank`."""
