import { svg, type Theme } from "./dom.js";
import { type LegendEntry, legendPicture } from "./legend.js";

/** What an exported picture is made of. */
export interface PictureParts {
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
  /** One sentence for readers who do not see it. */
  readonly label: string;
  readonly legend: readonly LegendEntry[];
  /** From the back to the front; where the plot begins is added. */
  readonly layers: readonly SVGElement[];
}

/** Puts a picture together as one SVG document that needs nothing else. */
export function pictureOf({ width, height, theme, label, legend, layers }: PictureParts): string {
  const { group, height: above } = legendPicture(legend, width, theme);
  const whole = svg("svg", { width, height: height + above, viewBox: `0 0 ${width} ${height + above}` }, [
    svg("title", {}, [label]),
    svg("rect", { width: "100%", height: "100%", fill: theme.paper }),
    group,
    svg("g", { transform: `translate(0 ${above})` }, layers),
  ]);
  return new XMLSerializer().serializeToString(whole);
}

/** An area that clips what is drawn in it. The id is unique within one picture, which is all that it is for. */
export function clipped(
  content: SVGElement,
  box: { left: number; top: number; width: number; height: number },
): SVGElement {
  const { left: x, top: y, width, height } = box;
  const id = "plot-area";
  return svg("g", {}, [
    svg("clipPath", { id }, [svg("rect", { x, y, width, height })]),
    svg("g", { "clip-path": `url(#${id})` }, [content]),
  ]);
}

/**
 * A PNG of a picture, at twice its size. Needs a page whose content security policy lets images come from `data:`.
 *
 * @throws Error if the browser cannot draw it
 */
export async function pngOf(picture: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * image.naturalWidth;
  canvas.height = 2 * image.naturalHeight;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null)
        reject(new Error("This browser cannot make a PNG of that size; export it as SVG instead."));
      else resolve(blob);
    }, "image/png");
  });
}
