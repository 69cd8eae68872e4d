"""One module per page: layout and callbacks, kept thin."""
