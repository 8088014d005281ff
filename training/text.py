"""The text encoder and its warm start: read a caption, say what is in the scene."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from training import tokenizer as words
from training.world import captions
from training.world.colours import COLOURS
from training.world.nouns import NAMED
from training.world.places import PLACES
from training.world.scene import RELATIONS, World, make, rng_of
from training.world.styles import STYLES

WIDTH: Final = 192
_THINGS: Final = 3
_ANSWERS: Final[tuple[tuple[str, ...], ...]] = (
    *((NAMED, tuple(COLOURS), tuple(captions.SIZE_WORDS)) * _THINGS),
    RELATIONS,
    (*PLACES, *COLOURS),
    tuple(STYLES),
    tuple(captions.ART_FORMS),
)


@dataclass(frozen=True)
class TextRun:
    """How the text encoder is warmed up."""

    minutes: float = 1.5
    batch: int = 64
    lr: float = 1e-3


def make_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """Return an untrained two-layer CLIP text model for this tokenizer."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=3 * WIDTH,
        projection_dim=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=words.LENGTH,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    config._attn_implementation = "eager"  # noqa: SLF001  (the fused kernel's backward is slow on CPU)
    return CLIPTextModel(config)


class Reader(nn.Module):
    """One learned query per question attends to the token states, as the UNet will, and answers it."""

    def __init__(self) -> None:
        super().__init__()
        self.queries = nn.Parameter(0.5 * torch.randn(len(_ANSWERS), WIDTH))
        self.attend = nn.MultiheadAttention(WIDTH, 4, batch_first=True)
        self.heads = nn.ModuleList(nn.Linear(WIDTH, 1 + len(answers)) for answers in _ANSWERS)

    def forward(self, states: Tensor) -> list[Tensor]:
        """Map (n, tokens, WIDTH) to (n, 1 + answers) logits per question; answer 0 is "unsaid"."""
        queries = self.queries.expand(len(states), -1, -1)
        read, _ = self.attend(queries, states, states, need_weights=False)
        return [head(read[:, i]) for i, head in enumerate(self.heads)]


def targets(said: captions.Said) -> list[int]:
    """Return the index of the right answer to each question, 0 for what is unsaid."""
    things = [*said.things, *((None, None, None),) * _THINGS][:_THINGS]
    facts = [*(fact for thing in things for fact in thing), said.relation, said.ground, said.style, said.art]
    return [0 if fact is None else 1 + a.index(fact) for fact, a in zip(facts, _ANSWERS, strict=True)]


def warm(encoder: CLIPTextModel, tokenizer: CLIPTokenizer, config: TextRun) -> float:
    """Teach the encoder the grammar of the whole world; return the share of right answers at the end."""
    torch.manual_seed(3)
    reader = Reader()
    parameters = [*encoder.parameters(), *reader.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=config.lr, betas=(0.9, 0.99), weight_decay=0.01)
    started, right, index = time.monotonic(), 0.0, 0
    while (left := 1 - (time.monotonic() - started) / (60 * config.minutes)) > 0:
        texts = []
        for _ in range(config.batch):
            texts.append(captions.caption(make(World(), 5, index), rng_of(5, index, 1)))
            index += 1
        goal = torch.tensor([targets(captions.read(text)) for text in texts])
        answers = reader(encoder(torch.tensor(words.encode(tokenizer, texts))).last_hidden_state)
        loss = torch.stack([F.cross_entropy(a, g) for a, g in zip(answers, goal.T, strict=True)]).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.param_groups[0]["lr"] = config.lr * min(1.0, left / 0.35)
        optimiser.step()
        hits = (
            torch.stack([a.argmax(1) == g for a, g in zip(answers, goal.T, strict=True)])
            .float()
            .mean()
            .item()
        )
        right += (hits - right) / min(100, index // config.batch)
        if index // config.batch % 100 == 0:
            print(f"text {index} captions, {right:.4f} right", flush=True)
    return right
