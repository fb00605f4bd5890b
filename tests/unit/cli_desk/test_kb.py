"""The knowledge base at the shell."""


def test_articles_are_searched_at_the_shell(shell):
    assert "knowledge_base" in shell.refused(65, "kb", "search", "vpn")
    folder = shell.folder / "kb" / "es"
    folder.mkdir(parents=True)
    (folder / "vpn.md").write_text("# La VPN no conecta\n\nReinicie el cliente.\n", "utf-8")
    shell.path.write_text(shell.path.read_text("utf-8").replace("[desk]\n", '[desk]\nknowledge_base = "kb"\n'), "utf-8")
    (found,) = shell.rows("kb", "search", "conectar", "VPN")
    assert (found["name"], found["language"], found["title"]) == ("vpn", "es", "La VPN no conecta")
    assert found["score"] > 0
    assert shell.rows("kb", "search", "holiday") == []
