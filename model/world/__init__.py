"""The generated world: short videos of drawn objects that sound, with their truth."""
