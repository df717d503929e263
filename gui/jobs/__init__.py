"""Runs and scores computed in child processes, so that the window's process never imports TensorFlow.

protocol   the orders and messages that window and child exchange
plan       new runs: what is dropped, folders, and orders of the library made from the window's
worker     the child; running makes runs, watching observes them, desk takes the window's orders meanwhile
process    the child as the window sees it
queue      jobs that wait, run and are done; live holds what a running search has sent, pace the time left
estimate   the time that a new run will take
scorer     scores of single images, from a child that is kept running
unfinished the jobs that are kept for the next start
"""
