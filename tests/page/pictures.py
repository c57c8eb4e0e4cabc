"""Pictures of one colour, and a panel's canvas that shows one."""

from playwright.async_api import Browser, Page


class Pictures:
    """Draws each picture once."""

    def __init__(self, chromium: Browser) -> None:
        self._chromium = chromium
        self._drawn: dict[tuple[str, int, int], bytes] = {}

    async def __call__(self, colour: str, *, width: int = 640, height: int = 400) -> bytes:
        """A JPEG of one colour, as big as a page."""
        key = (colour, width, height)
        if key not in self._drawn:
            page = await self._chromium.new_page(viewport={"width": width, "height": height})
            await page.set_content(f"<body style='background:{colour}'>")
            self._drawn[key] = await page.screenshot(type="jpeg")
            await page.close()
        return self._drawn[key]


async def shows(page: Page, channel: int) -> None:
    """Wait until the canvas is mostly of one colour: 0 red, 1 green, 2 blue."""
    await page.wait_for_function(
        """(channel) => {
            const canvas = document.querySelector(".b-stage canvas");
            if (!canvas) return false;
            const pixel = canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data;
            return pixel[channel] > 200 && pixel[(channel + 1) % 3] < 60;
        }""",
        arg=channel,
    )
