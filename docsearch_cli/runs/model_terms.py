"""The language model that a run may ask, and at what price it counts what is asked."""

from __future__ import annotations

from dataclasses import dataclass

from docsearch_cli.llm.accounting import FREE, Price
from docsearch_cli.runs.events import ModelFacts


@dataclass(frozen=True, slots=True)
class ModelTerms:
    """A model and its price when the run began; no model for an agent that asks none."""

    name: str = ""
    price: Price | None = None
    """None where it is not known: then nothing is counted as cost."""

    @classmethod
    def of(cls, facts: ModelFacts | None) -> ModelTerms:
        """Return what a record says."""
        if facts is None:
            return cls()
        price = facts["price"]
        return cls(
            facts["name"], Price(price["input"], price["output"]) if price is not None else None
        )

    @property
    def counted(self) -> Price:
        """The price that is counted with."""
        return self.price or FREE

    def to_dict(self) -> ModelFacts:
        """Return the terms as a record holds them."""
        price = self.price
        return {
            "name": self.name,
            "price": {"input": price.per_million_input, "output": price.per_million_output}
            if price is not None
            else None,
        }
