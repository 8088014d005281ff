"""The benchmark of GPUs runs every row on the CPU, and skips itself where there is neither GPU nor wish."""

from __future__ import annotations

import pytest
import torch

from benchmarks import gpu
from guidewidgets.engine.model import blockwise


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_row_runs(monkeypatch):
    parted, again = [], blockwise.checkpoint
    monkeypatch.setattr(blockwise, "checkpoint", lambda *a, **k: parted.append(1) or again(*a, **k))
    figures = gpu.measure(tiny=True)
    assert not [row for row in gpu.ROWS if {"failed", "left_out"} & set(figures[row])], figures
    assert all(figures["render"][f"{n} pictures"]["largest_difference"] < 1e-4 for n in (1, 4))
    assert 0 < figures["outside_networks"]["share"] < 1
    assert figures["half_gradient"]["cosine"] >= 0.999
    assert figures["autoencoder"]["at_a_time"] == [4]
    assert all(
        figures["out_of_memory"][stage] for stage in ("network", "network, back", "decoder", "encoder")
    )
    assert parted  # the large transformer's gradient goes block by block
    assert blockwise.SHARE > 0


def test_skips_itself_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu.main([]) == {}
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1
    assert "no GPU here" in said[0]
