"""The vocabulary of the pocket world, and its small grammar.

A thing is drawn in its natural colours, or recoloured with one of COLOURS; a place and a size are words with a range of
numbers behind them, so that a judge can read them back from the picture.
"""

NOUNS: tuple[str, ...] = (
    # the starter set: 36 that look different from each other
    *(
        "cat",
        "dog",
        "fox",
        "panda",
        "frog",
        "turtle",
        "penguin",
        "owl",
        "fish",
        "butterfly",
        "apple",
        "banana",
    ),
    *(
        "strawberry",
        "watermelon",
        "carrot",
        "mushroom",
        "pizza",
        "doughnut",
        "car",
        "bus",
        "airplane",
        "rocket",
    ),
    *(
        "sailboat",
        "bicycle",
        "sun",
        "star",
        "tree",
        "cactus",
        "house",
        "umbrella",
        "guitar",
        "key",
        "balloon",
    ),
    *("crown", "heart", "robot"),
    # everything else, mixed so that any prefix is a fair choice
    *(
        "whale",
        "teddy bear",
        "rainbow",
        "pineapple",
        "train",
        "moon",
        "clock",
        "elephant",
        "sunflower",
        "hamburger",
    ),
    *(
        "helicopter",
        "castle",
        "bee",
        "gem",
        "drum",
        "ghost",
        "snail",
        "cherries",
        "snowman",
        "gift",
        "tractor",
    ),
    *(
        "octopus",
        "book",
        "cloud",
        "cake",
        "lion",
        "rose",
        "hat",
        "basketball",
        "ladybug",
        "corn",
        "camera",
        "skull",
    ),
    *(
        "palm tree",
        "dinosaur",
        "ice cream",
        "violin",
        "fire",
        "rabbit",
        "lemon",
        "hammer",
        "fire truck",
        "alien",
    ),
    *(
        "volcano",
        "crab",
        "grapes",
        "bell",
        "koala",
        "tulip",
        "shoe",
        "soccer ball",
        "pig",
        "avocado",
        "trumpet",
    ),
    *(
        "snowflake",
        "dolphin",
        "cheese",
        "light bulb",
        "monkey",
        "mountain",
        "shirt",
        "hourglass",
        "chicken",
        "peach",
    ),
    *("horse", "orange", "cow", "tiger", "mouse", "bear"),
)
PLURAL = frozenset({"grapes", "cherries"})
UNCOUNTED = frozenset({"corn", "cheese", "fire"})

STYLES = ("noto", "flat", "bold")

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (222, 44, 44),
    "orange": (245, 134, 30),
    "yellow": (250, 208, 40),
    "green": (62, 172, 70),
    "blue": (48, 112, 226),
    "purple": (138, 68, 196),
    "pink": (250, 128, 184),
}

BACKGROUNDS: dict[str, tuple[int, int, int]] = {
    "white": (250, 250, 250),
    "black": (18, 18, 22),
    "red": (205, 60, 55),
    "orange": (240, 150, 60),
    "yellow": (250, 220, 90),
    "green": (90, 175, 95),
    "blue": (70, 125, 215),
    "purple": (140, 90, 190),
    "pink": (245, 165, 195),
    "gray": (140, 142, 148),
}

PLACES = ("centre", "left", "right", "top", "bottom")
SIZES = ("large", "small", "half")

CENTRE_OF = {
    "centre": (0.5, 0.5),
    "left": (0.275, 0.5),
    "right": (0.725, 0.5),
    "top": (0.5, 0.275),
    "bottom": (0.5, 0.725),
}
"""Place -> (x, y) as fractions of width and height."""

EXTENT_OF = {"large": (0.76, 0.9), "small": (0.38, 0.5), "half": (0.46, 0.54)}
"""Size -> range of the drawing box's side as a fraction of the shorter side of the picture."""

AT_PLACE = {
    "left": "on the left",
    "right": "on the right",
    "top": "at the top",
    "bottom": "at the bottom",
    "centre": "in the middle",
}
TO_PLACE = {
    "left": "to the left",
    "right": "to the right",
    "top": "to the top",
    "bottom": "to the bottom",
    "centre": "to the middle",
}
OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}

GOING = {
    "driving": ("car", "bus", "train", "tractor", "fire truck", "bicycle"),
    "flying": ("airplane", "helicopter", "rocket", "bee", "butterfly", "owl", "ladybug"),
    "swimming": ("fish", "whale", "dolphin", "octopus", "turtle"),
    "sailing": ("sailboat",),
}
"""How a thing moves from one side to the other; what is not here is "moving"."""

FACES_LEFT = frozenset(
    ("fish", "turtle", "bus", "car", "bicycle", "whale", "train", "elephant", "helicopter", "bee", "snail")
    + ("tractor", "dinosaur", "fire truck", "dolphin", "chicken", "horse")
)
FACES_RIGHT = frozenset(("airplane", "rocket", "sailboat"))


def with_article(words: str) -> str:
    """ "an apple", "a red car", "grapes", "corn"."""
    if words.split()[-1] in PLURAL | UNCOUNTED:
        return words
    return ("an " if words[0] in "aeiou" else "a ") + words


def going(noun: str) -> str:
    """ "driving" for a car, "moving" for most things."""
    return next((verb for verb, nouns in GOING.items() if noun in nouns), "moving")
