"""What each figure is called, and what exactly it is, in the languages of the desk: printed under every report."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """A name and, when it needs one, its definition."""

    name: str
    meaning: str = ""


_ENGLISH = {
    "period": Said("Period"),
    "total": Said("All together"),
    "day": Said("Day", "Days begin at midnight in the desk's time zone."),
    "agent": Said("Agent", "A ticket counts for who has it now."),
    "queue": Said("Queue"),
    "team": Said("Team", "A ticket counts for the team that has it now."),
    "organisation": Said("Organisation"),
    "category": Said("Category"),
    "mail": Said("Mail by machines", "What machines wrote to the whole desk, and what waits for a person."),
    "figure": Said("Figure"),
    "value": Said("Value"),
    "kind": Said("Kind"),
    "mails": Said("Mails"),
    "quarantined": Said("in quarantine"),
    "opened": Said("Opened", "Tickets opened in the period; what is spam or merged at its end counts nowhere."),
    "resolved": Said("Resolved", "Tickets resolved or closed in the period, each once, on the first day of it."),
    "mails_in": Said("Mails in", "Mails of people that joined a ticket."),
    "mails_out": Said("Mails out", "Public answers of agents."),
    "backlog": Said("Backlog", "Tickets neither resolved nor closed at the end of the period."),
    "backlog_median": Said("Age, median", "Time since the backlog's tickets were opened, nights and holidays too."),
    "backlog_oldest": Said("Age, oldest"),
    "first_response": Said(
        "First response",
        "Working time until the first answer, of tickets that got it in the period; median / 90 % by nearest rank.",
    ),
    "next_response": Said("Next response", "Working time until each further answer given in the period."),
    "resolution": Said("Resolution", "Working time until the solution, of tickets solved at the end of the period."),
    "met": Said(
        "Targets met",
        "Of the targets (first and next response, resolution) that ended in the period or are overdue at its end, the"
        " share that was in time.",
    ),
    "reopened": Said("Reopened", "Of the resolved tickets, the share that was opened again before the period ended."),
    "first_contact": Said(
        "First contact", "Of the resolved tickets, the share that one answer was enough for and that stayed resolved."
    ),
    "rating": Said("Rating", "Mean of the ratings given in the period, 1 to 5."),
    "satisfied": Said("Satisfied", "The share of ratings of 4 and 5."),
    "none": Said("nobody or none"),
}
_SPANISH = {
    "period": Said("Periodo"),
    "total": Said("En conjunto"),
    "day": Said("Día", "Los días empiezan a medianoche en la zona horaria del servicio."),
    "agent": Said("Agente", "Un ticket cuenta para quien lo tiene ahora."),
    "queue": Said("Cola"),
    "team": Said("Equipo", "Un ticket cuenta para el equipo que lo tiene ahora."),
    "organisation": Said("Organización"),
    "category": Said("Categoría"),
    "mail": Said("Correo de máquinas", "Lo que las máquinas escribieron a todo el servicio, y lo que espera revisión."),
    "figure": Said("Cifra"),
    "value": Said("Valor"),
    "kind": Said("Clase"),
    "mails": Said("Correos"),
    "quarantined": Said("en cuarentena"),
    "opened": Said("Abiertos", "Tickets abiertos en el periodo; lo que al final es basura o está unido no cuenta."),
    "resolved": Said("Resueltos", "Tickets resueltos o cerrados en el periodo, cada uno una vez, en su primer día."),
    "mails_in": Said("Correos recibidos", "Correos de personas que entraron en un ticket."),
    "mails_out": Said("Correos enviados", "Respuestas públicas de agentes."),
    "backlog": Said("Sin resolver", "Tickets ni resueltos ni cerrados al final del periodo."),
    "backlog_median": Said("Edad, mediana", "Tiempo desde que se abrió lo no resuelto, con noches y festivos."),
    "backlog_oldest": Said("Edad, el más antiguo"),
    "first_response": Said(
        "Primera respuesta",
        "Tiempo laborable hasta la primera respuesta, de los tickets que la tuvieron en el periodo; mediana / 90 % por"
        " rango más próximo.",
    ),
    "next_response": Said("Siguiente respuesta", "Tiempo laborable hasta cada respuesta posterior dada en el periodo."),
    "resolution": Said("Resolución", "Tiempo laborable hasta la solución, de los tickets resueltos al final."),
    "met": Said(
        "Plazos cumplidos",
        "De los plazos (primera y siguiente respuesta, resolución) que acabaron en el periodo o están vencidos a su"
        " final, la parte cumplida a tiempo.",
    ),
    "reopened": Said("Reabiertos", "De los resueltos, la parte que se reabrió antes de acabar el periodo."),
    "first_contact": Said(
        "Al primer contacto", "De los resueltos, la parte a la que bastó una respuesta y siguió resuelta."
    ),
    "rating": Said("Valoración", "Media de las valoraciones del periodo, de 1 a 5."),
    "satisfied": Said("Satisfechos", "La parte de valoraciones de 4 y 5."),
    "none": Said("nadie o ninguna"),
}
_LANGUAGES = {"en": _ENGLISH, "es": _SPANISH}


def said(language: str, word: str) -> Said:
    """Return what something is called, in English where there is no such language."""
    return _LANGUAGES.get(language, _ENGLISH)[word]
