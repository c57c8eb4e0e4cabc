"""The inputs of single edits, each with what it does to a draft; tools and `page_edit` share them."""

from abc import abstractmethod
from typing import Annotated

from pydantic import BaseModel, Field

from tools.livepage import edits
from tools.livepage.state import Draft

Selector = Annotated[str, Field(description='A CSS selector, e.g. "#pricing h2". The first match is used.')]


class Step(BaseModel):
    """One edit."""

    @abstractmethod
    def make(self, draft: Draft, revision: int) -> str:
        """Make the edit; `revision` is named in errors. Returns what was done, as a clause."""


class SetHtml(Step):
    selector: Selector
    html: str = Field(description="The new content, without the element's own tag. Empty to clear it.")

    def make(self, draft: Draft, revision: int) -> str:
        return edits.set_html(draft, revision, self.selector, self.html)


class AddBlock(Step):
    anchor: Selector
    position: edits.Position = Field(
        description="before or after the anchor, or inside it: append at its end, prepend at its start."
    )
    html: str = Field(description="One or more elements, or text.")

    def make(self, draft: Draft, revision: int) -> str:
        return edits.add_block(draft, revision, self.anchor, self.position, self.html)


class Remove(Step):
    selector: Selector

    def make(self, draft: Draft, revision: int) -> str:
        return edits.remove(draft, revision, self.selector)


class SetAttr(Step):
    selector: Selector
    name: str = Field(description='The attribute, e.g. "class".')
    value: str | None = Field(description="The new value; null removes the attribute.")

    def make(self, draft: Draft, revision: int) -> str:
        return edits.set_attr(draft, revision, self.selector, self.name, self.value)


class SetStyle(Step):
    css: str = Field(description="CSS, without tags.")
    id: str | None = Field(None, description="Replace the <style> with this id, or give the new one this id.")

    def make(self, draft: Draft, revision: int) -> str:
        return edits.set_style(draft, self.css, self.id)


class SetScript(Step):
    js: str = Field(description="JavaScript, without tags.")
    id: str = Field("page-script", description="Replace the <script> with this id, or give the new one this id.")

    def make(self, draft: Draft, revision: int) -> str:
        return edits.set_script(draft, self.js, self.id)
