"""The products' pictures: a few strokes of SVG each, in the colour of the glaze."""

_SHAPES = {
    "mug": '<path d="M30 38h46v40a14 14 0 0 1-14 14H44a14 14 0 0 1-14-14z"/>'
    '<path d="M76 48h8a12 12 0 0 1 0 28h-8" fill="none" stroke="{c}" stroke-width="7"/>'
    '<ellipse cx="53" cy="38" rx="23" ry="5" fill="#0002"/>',
    "bowl": '<path d="M18 50h84c0 26-18 40-34 42H52C36 90 18 76 18 50z"/>'
    '<ellipse cx="60" cy="50" rx="42" ry="8" fill="#0002"/>',
    "plate": '<ellipse cx="60" cy="66" rx="48" ry="20"/><ellipse cx="60" cy="63" rx="33" ry="12" fill="#fff3"/>',
    "cup": '<path d="M42 52h36l-5 36a5 5 0 0 1-5 4H52a5 5 0 0 1-5-4z"/>'
    '<ellipse cx="60" cy="52" rx="18" ry="4" fill="#0002"/>',
    "pot": '<path d="M32 54h56l-8 40H40z"/><rect x="28" y="46" width="64" height="12" rx="4"/>'
    '<path d="M60 46C58 26 44 22 38 18c0 16 8 24 22 28zm0 '
    '0c2-20 14-26 24-28-2 16-10 24-24 28z" fill="#55713f"/>',
    "hanging": '<path d="M60 14 30 62M60 14l30 48M60 14v48" stroke="#8a7a66" stroke-width="2" fill="none"/>'
    '<path d="M26 62h68c0 18-16 26-34 26S26 80 26 62z"/>'
    '<path d="M40 62c-8 12-4 26-10 34M82 62c8 10 2 22 8 30" '
    'stroke="#55713f" stroke-width="5" fill="none" stroke-linecap="round"/>',
    "vase": '<path d="M53 34h14c-2 14 12 20 12 38 0 14-8 22-19 22s-19-8-19-22c0-18 14-24 12-38z"/>'
    '<path d="M60 34c0-10 4-16 10-22" stroke="#7b6a3c" stroke-width="3" fill="none"/>'
    '<circle cx="71" cy="12" r="5" fill="#c9853f"/>',
    "lamp": '<path d="M40 26h40l12 34H28z"/>'
    '<path d="M60 60v28M42 92h36" stroke="#6b5a4a" stroke-width="6" stroke-linecap="round"/>'
    '<path d="M32 62h56l8 24H24z" fill="#f3c97a44"/>',
    "dish": '<ellipse cx="58" cy="78" rx="38" ry="12"/>'
    '<circle cx="100" cy="76" r="8" fill="none" stroke="{c}" stroke-width="5"/>'
    '<rect x="50" y="42" width="16" height="34" rx="3" fill="#f4ecdc"/>'
    '<path d="M58 42c-5-8 0-12 0-18 6 8 6 12 0 18z" fill="#e9a23b"/>',
    "can": '<path d="M40 48h40v44H40z"/>'
    '<path d="M80 80 104 44M44 48c0-20 32-20 32 0" fill="none" stroke="{c}" stroke-width="6"/>'
    '<path d="m98 40 14 8" stroke="{c}" stroke-width="8" stroke-linecap="round"/>',
    "tin": '<rect x="30" y="44" width="60" height="48" rx="5"/>'
    '<rect x="27" y="36" width="66" height="14" rx="5"/>'
    '<rect x="42" y="60" width="36" height="20" rx="2" fill="#fff7"/>',
}


def draw(shape: str, colour: str) -> str:
    shadow = '<ellipse cx="60" cy="97" rx="40" ry="5" fill="#0001"/>'
    strokes = _SHAPES[shape].replace("{c}", colour)
    return f'<svg viewBox="0 0 120 110" aria-hidden="true" fill="{colour}">{shadow}{strokes}</svg>'
