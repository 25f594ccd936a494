"""Clip <-> latent."""
