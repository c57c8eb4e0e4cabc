"""The content blocks clients may send, as strict models: text, image, document, search result."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from glasshouse.emulator import images

ImageType = Literal["image/png", "image/jpeg", "image/gif", "image/webp"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Text(Strict):
    type: Literal["text"]
    text: str

    @field_validator("text")
    @classmethod
    def _not_blank(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("text content blocks must be non-empty")
        return text


class Base64Image(Strict):
    type: Literal["base64"]
    media_type: ImageType
    data: str

    @model_validator(mode="after")
    def _readable(self) -> "Base64Image":
        if reason := images.complaint(self.media_type, self.data):
            raise ValueError(reason)
        return self


class Base64Data(Strict):
    type: Literal["base64"]
    media_type: str
    data: str


class PlainText(Strict):
    type: Literal["text"]
    media_type: Literal["text/plain"]
    data: str


class Url(Strict):
    type: Literal["url"]
    url: str


class File(Strict):
    type: Literal["file"]
    file_id: str


class Image(Strict):
    type: Literal["image"]
    source: Annotated[Base64Image | Url | File, Field(discriminator="type")]


class Document(Strict):
    type: Literal["document"]
    source: Annotated[Base64Data | PlainText | Url | File, Field(discriminator="type")]
    title: str | None = None
    context: str | None = None


class Citations(Strict):
    enabled: bool


class SearchResult(Strict):
    type: Literal["search_result"]
    source: str
    title: str
    content: list[Text]
    citations: Citations | None = None


MessageBlock = Annotated[Text | Image | Document, Field(discriminator="type")]
ResultBlock = Annotated[Text | Image | Document | SearchResult, Field(discriminator="type")]
