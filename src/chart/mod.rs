//! Drawing primitives on a Buffer, shared by the panel types: axes, braille lines, bars, heat cells, legends.
