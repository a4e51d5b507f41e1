"""Draws Podium's charts as images, with the library that also draws them in its HTML pages."""
