"""The tables of the desk: decisions applied, snapshots taken, questions answered."""
