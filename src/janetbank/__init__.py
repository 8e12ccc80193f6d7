"""janetbank: a bank's front door as a library."""
