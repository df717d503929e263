"""Runs and scores made in child processes, which hold TensorFlow so that the window need not.

protocol   the lines that window and child exchange
worker     the child; running and scoring are what it can do, own_images what it can read besides data sets
process    the child as the window sees it
queue      jobs waiting, running and done; live is what a running search has told, pace how long is left
scorer     scores of single images, from a warm child
"""
