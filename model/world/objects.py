"""What the classes look like: the painter of each, in the order of the classes."""

from model.world.animals import bee, bird, cow, dog, frog
from model.world.drawing import Painter
from model.world.instruments import bell, drum, guitar, trumpet
from model.world.machines import car, clock, kettle, robot, train

PAINTERS: dict[str, Painter] = {
    "drum": drum, "bell": bell, "bird": bird, "frog": frog, "train": train, "guitar": guitar, "kettle": kettle,
    "clock": clock, "dog": dog, "cow": cow, "trumpet": trumpet, "bee": bee, "robot": robot, "car": car,
}  # fmt: skip
