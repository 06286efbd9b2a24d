"""The picture: a diagram is laid out in layers and drawn with matplotlib."""
