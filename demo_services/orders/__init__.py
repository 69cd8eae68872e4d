"""Takes orders: keeps them in a database of its own and has inventory reserve the goods."""
