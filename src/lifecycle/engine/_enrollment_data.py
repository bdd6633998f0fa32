"""Enrollments as data."""

from lifecycle.engine._forms import ATTRIBUTES, ID, INSTANT, TEXT, Document, Form, maybe

__all__ = ["ENROLLMENT", "FIELDS"]

FIELDS = {
    "id": ID,
    "at": INSTANT,
    "stage": maybe(TEXT),
    "attributes": ATTRIBUTES,
    "referred_by": maybe(ID),
}

ENROLLMENT = Document("enrollment", Form(FIELDS, required=("id", "at")).field)
