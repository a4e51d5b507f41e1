"""A page of the documentation from a published JSON Schema: every key of the file, what it holds, and whether it is always there."""

from collections.abc import Iterator


def named_by(reference: str) -> str:
    """A definition has a section of its own; a property of the file stands in the first table."""
    place, name = reference.removeprefix("#/").split("/")
    return f"[{name}](#{name})" if place == "$defs" else f"as `{name}`"


def alternatives(kinds: list[str]) -> str:
    """"a number", "a number or null": null comes last."""
    return " or ".join(sorted(kinds, key=lambda kind: kind == "null"))


def kind_of(schema: dict) -> str:
    """What a value is, in a few words."""
    if "$ref" in schema:
        return named_by(schema["$ref"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join("null" if value is None else f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return alternatives([kind_of(choice) for choice in schema["anyOf"]])
    types = schema.get("type", "any value")
    return alternatives([kind_of_type(one, schema) for one in (types if isinstance(types, list) else [types])])


def kind_of_type(name: str, schema: dict) -> str:
    if name == "array":
        count = f"{schema['minItems']} " if schema.get("minItems") and schema.get("minItems") == schema.get("maxItems") else ""
        return f"list of {count}{kind_of(schema['items'])}"
    if name == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"by name: {kind_of(schema['additionalProperties'])}"
    return name


def rows_of(schema: dict, path: str = "", always: bool = True) -> Iterator[tuple[str, dict, bool]]:
    """Each key with its path ("cells[].batch"), its schema, and whether the file always has it. Definitions have tables of their own."""
    for key, one in schema.get("properties", {}).items():
        name = f"{path}.{key}" if path else key
        is_there = always and key in schema.get("required", [])
        yield name, one, is_there
        yield from rows_of(one, name, is_there)
        for mark, inner in (("[]", one.get("items")), (".NAME", one.get("additionalProperties"))):
            if isinstance(inner, dict):
                yield from rows_of(inner, name + mark, is_there)
        for choice in one.get("anyOf", []):
            yield from rows_of(choice, name, is_there)


def about(schema: dict) -> str:
    """What is said of a value, or of what it is made of."""
    inner = [*schema.get("anyOf", []), schema.get("items"), schema.get("additionalProperties")]
    said = [schema.get("description", ""), *(about(one) for one in inner if isinstance(one, dict))]
    return "; ".join(text for text in said if text)


def in_a_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def table_of(schema: dict) -> list[str]:
    rows = [f"| `{name}`{'' if is_there else ' *'} | {kind_of(one)} | {in_a_cell(about(one))} |" for name, one, is_there in rows_of(schema)]
    return ["| key | | |", "| --- | --- | --- |", *rows, ""] if rows else []


def page_of(schema: dict, file: str) -> str:
    """In Markdown. `file`: where the schema itself lies beside the page."""
    lines = [f"# {schema['title']}", "", schema["description"], "", f"The same as a [JSON Schema]({file}), to check a file by. Keys with a * are not always there.", "", *table_of(schema)]
    for name, one in schema.get("$defs", {}).items():
        lines += [f"## {name}", ""]
        if text := in_a_cell(about(one)):
            lines += [text[0].upper() + text[1:].removesuffix(".") + ".", ""]
        lines += table_of(one) or [kind_of(one)[0].upper() + kind_of(one)[1:], ""]
    return "\n".join(lines)
