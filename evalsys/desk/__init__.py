"""The desk: 12345-type orders and 办不成事, worked on the loop's engine under one number."""
