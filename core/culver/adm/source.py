"""A user whose mail is read from a location of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from culver.adm.codes import NOUSER
from culver.adm.errors import AdmError
from culver.adm.users import lookup_fields
from culver.config.settings import TemplateString
from culver.config.variables import VariableError, user_variables
from culver.mail.location import BadLocation, MailLocation, parse_location
from culver.mail.mailuser import LocalUser
from culver.mail.namespace import Namespace
from culver.mail.storagecontext import StorageContext

if TYPE_CHECKING:
    from culver.adm.call import Context
    from culver.mail.user import MailUser


async def source_user(context: Context, location: str, user: MailUser, name: str) -> MailUser:
    """One namespace without prefix over a ``mail_location``; ``~`` and variables are those of
    ``user``, or of the user called ``name`` if that is not empty.

    Raises AdmError for a location that can't be read and for an unknown user.
    """
    home = user.home
    if name:
        found = await lookup_fields(context, name)
        if found is None:
            raise AdmError(f"Import user initialization failed: no user {name}", NOUSER)
        home = Path(found[1]["home"]) if "home" in found[1] else None
    storage = StorageContext(
        user=name or user.name, home=home, scope=user.scope, config=user.config
    )
    try:
        values = user_variables(storage.user, home=str(home) if home else None)
        text = TemplateString.parse(location).template.expand(values)
        place = _detected(context, parse_location(text, home))
    except (BadLocation, VariableError, ValueError) as error:
        raise AdmError(f"Import namespace initialization failed: {error}") from error
    format = context.composition.registry.formats.find(place.driver)
    if format is None:
        known = ", ".join(context.composition.registry.formats.names())
        raise AdmError(f"Import: unknown driver {place.driver!r} (allowed: {known})")
    source = LocalUser(storage.user, home=home, config=user.config, scope=user.scope)
    source.namespaces = (Namespace(format(place, storage), inbox=True),)
    return source


def _detected(context: Context, location: MailLocation) -> MailLocation:
    if location.driver != "auto":
        return location
    for entry in context.composition.registry.formats:
        if entry.value.detect(location.root):
            return MailLocation(driver=entry.name, path=location.path, options=location.options)
    raise BadLocation(f"no mail was found in {location.path}")
