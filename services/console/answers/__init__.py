"""What the console reads of the services' answers, one module a service's part."""
