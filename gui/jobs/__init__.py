"""Runs and answers about images computed in child processes, so that the window's process never imports TensorFlow.

protocol   the orders and messages that window and child exchange
draft      what the dialog of a new run is filled with; preview the first images, and whether they fit the model
tasks      what can be started; command_form and command_order the commands, commanding runs them in the child
plan       new runs: what is dropped, folders, and orders of the library made from the window's
worker     the child; running makes runs, watching observes them, desk takes the window's orders meanwhile
process    the child as the window sees it
queue      jobs that wait, run and are done; live holds what a running search has sent, pace the time left
estimate   the time that a new run will take
questions  what can be asked about images and a model; answering answers in the child, scores is one such question
scorer     asks, and gets the answers of a child that is kept running
unfinished the jobs that are kept for the next start
"""
