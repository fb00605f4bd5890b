"""How fast maild is, measured beside something known on the same machine in the same minute."""
