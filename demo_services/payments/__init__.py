"""Takes the money for orders, through a provider outside, and gives it back."""
