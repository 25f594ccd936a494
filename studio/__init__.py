"""Diffusion Studio: pictures, video and music made and changed by diffusion models."""
