"""Frozen values that cost nothing to declare.

A NamedTuple takes a third of a millisecond to create and a frozen dataclass two, and a command that answers in fifteen
needs thirty of them; so this does for plain values what `schema.Struct` does for records.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Frozen:
    """A value whose attributes are annotated in its class, in order, with defaults where they have one."""

    _names: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls._names = (*cls._names, *cls.__annotations__)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        names = self._names
        values = self.__dict__
        values.update(zip(names, args, strict=False), **kwargs)
        if len(values) < len(names):
            defaults = type(self)
            for name in names:
                if name not in values:
                    if not hasattr(defaults, name):
                        raise TypeError(f"{defaults.__name__} needs {name}")
                    values[name] = getattr(defaults, name)
        if len(values) > len(names) or len(args) > len(names):
            raise TypeError(f"{type(self).__name__} takes {', '.join(names)}")

    def replace(self, **changes: Any) -> Self:
        """The same value with other attributes."""
        return type(self)(**self.__dict__ | changes)

    def asdict(self) -> dict[str, Any]:
        """Attributes by name, in order."""
        return {name: self.__dict__[name] for name in self._names}

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *(hashable(self.__dict__[name]) for name in self._names)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.asdict().items())})"


def hashable(value: Any) -> Any:
    """What stands for a value where it is hashed: equal ones, in whatever order their keys are, give equal ones."""
    if isinstance(value, dict):
        return frozenset((key, hashable(each)) for key, each in value.items())
    return tuple(map(hashable, value)) if isinstance(value, list) else value
