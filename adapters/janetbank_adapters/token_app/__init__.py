"""The token app: what the telephone in the customer's hand does."""
