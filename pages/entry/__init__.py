"""What stands between a browser and the pages: the gate, the sign-in, and a test that both hold."""
