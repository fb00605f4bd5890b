"""What our own words are called in Spanish, where an agent reads or writes them."""

from collections.abc import Iterable

STATUSES_ES = {
    "new": "nuevo",
    "open": "abierto",
    "pending": "pendiente",
    "on-hold": "en pausa",
    "resolved": "resuelto",
    "closed": "cerrado",
    "merged": "unido",
    "spam": "basura",
}
PRIORITIES_ES = {"low": "baja", "normal": "normal", "high": "alta", "urgent": "urgente"}
# Fields that the desk itself knows, and the usual resolution codes.
FIELDS_ES = {"impacto": "impact", "urgencia": "urgency", "servicio": "service"}
CODES_ES = {
    "resuelto": "solved",
    "solucionado": "solved",
    "apano": "workaround",
    "alternativa": "workaround",
    "duplicado": "duplicate",
    "retirado": "withdrawn",
    "sin-accion": "no-action",
    "arreglado": "fixed",
    "no-reproducible": "not-reproducible",
    "error-de-usuario": "user-error",
    "de-terceros": "third-party",
    "cumplido": "fulfilled",
    "rechazado": "rejected",
    "respondido": "answered",
    "error-conocido": "known-error",
    "aceptado": "accepted",
    "implantado": "implemented",
    "revertido": "rolled-back",
    "fallido": "failed",
}
TYPES_ES = {
    "incident": "incidente",
    "request": "solicitud",
    "question": "pregunta",
    "problem": "problema",
    "change": "cambio",
}


# What a ticket's attributes are called where one has to be named: in questions, guards and refusals.
NAMES_ES = {
    "status": "estado",
    "queue": "cola",
    "team": "equipo",
    "assignee": "asignado",
    "requester": "solicitante",
    "type": "tipo",
    "priority": "prioridad",
    "organisation": "organización",
    "category": "categoría",
    "service": "servicio",
    "tag": "etiqueta",
    "tags": "etiquetas",
    "fields": "campos",
    "subject": "asunto",
    "language": "idioma",
    "level": "nivel",
    "until": "fecha",
    "snoozed_until": "aplazamiento",
}


def codes_in(language: str, codes: Iterable[str]) -> str:
    """Return resolution codes for people; those of the administrator's own are read as he wrote them."""
    spanish = {en: es for es, en in reversed(CODES_ES.items())} if language == "es" else {}
    return ", ".join(spanish.get(code, code) for code in codes)


def names_in(language: str, names: Iterable[str]) -> str:
    """Return attributes of a ticket for people."""
    return ", ".join(NAMES_ES.get(name, name) if language == "es" else name for name in names)
