"""What goes wrong on the sample day, one kind of trouble a module."""
