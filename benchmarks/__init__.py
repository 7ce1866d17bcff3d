"""What HueP's speed is: `make bench`, or `make bench ONLY=name,name`."""
