package media

import (
	"bytes"
	"crypto/sha256"
	"image"
	"image/color"
	"image/png"
)

// Mode is how a square picture is fitted into another shape.
type Mode string

// The modes of the reference.
const (
	// Crop fills the size and cuts off what does not fit.
	Crop Mode = "crop"
	// Letterbox fills the size with bars beside the picture.
	Letterbox Mode = "letterbox"
	// Scale is as large as fits and keeps the shape.
	Scale Mode = "scale"
)

// Picture is what a picture must look like.
type Picture struct {
	// Width and Height are in pixels, 1 or more.
	Width, Height int
	Mode          Mode
	// Background is the colour of the bars of Letterbox.
	Background color.RGBA
}

// cells is how many squares a picture has in each direction.
const cells = 8

// PNG draws the picture of an id: a pattern in two colours that differ from id
// to id.
func (p Picture) PNG(id string) ([]byte, error) {
	sum := sha256.Sum256([]byte(id))
	palette := color.Palette{
		p.Background,
		color.RGBA{sum[0], sum[1], sum[2], 255},
		color.RGBA{sum[0] ^ 0x80, sum[1] ^ 0x80, sum[2] ^ 0x80, 255},
	}
	width, height := p.Width, p.Height
	side := max(width, height)
	if p.Mode != Crop {
		side = min(width, height)
	}
	if p.Mode == Scale {
		width, height = side, side
	}
	drawn := image.NewPaletted(image.Rect(0, 0, width, height), palette)
	left, top := (width-side)/2, (height-side)/2
	for y := max(0, top); y < min(height, top+side); y++ {
		row := drawn.Pix[y*drawn.Stride:]
		for x := max(0, left); x < min(width, left+side); x++ {
			row[x] = 1 + dot(&sum, (x-left)*cells/side, (y-top)*cells/side)
		}
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	err := encoder.Encode(&out, drawn)
	return out.Bytes(), err
}

// dot is the colour of a square, 0 or 1: the right half mirrors the left.
func dot(sum *[sha256.Size]byte, x, y int) uint8 {
	if x >= cells/2 {
		x = cells - 1 - x
	}
	return sum[8+y] >> x & 1
}
