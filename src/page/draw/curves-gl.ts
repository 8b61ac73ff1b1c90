import type { Rgb } from "./colours.js";
import type { CurveGroup, CurveGroups } from "./curve-groups.js";

const VERTEX = `#version 300 es
in vec2 point;
uniform vec2 low;
uniform vec2 scale;
uniform vec2 isLog;
uniform float dot;
out float known;
float unit(float value, float isLog) {
  return isLog < 0.5 ? value : value > 0.0 ? log2(value) * 0.30102999566 : -1000.0;
}
void main() {
  bool gap = point.y > 1.0e37;
  known = gap ? 0.0 : 1.0;
  float y = gap ? 0.0 : (unit(point.y, isLog.y) - low.y) * scale.y - 1.0;
  gl_Position = vec4((unit(point.x, isLog.x) - low.x) * scale.x - 1.0, y, 0.0, 1.0);
  gl_PointSize = dot;
}`;

// A line to or from a gap is left out, since only its other end is known.
const FRAGMENT = `#version 300 es
precision mediump float;
uniform vec4 colour;
in float known;
out vec4 shown;
void main() {
  if (known < 0.999) discard;
  shown = colour;
}`;

/** The part of the plane that is shown, in the units of its axes. */
export interface GlView {
  readonly low: readonly [number, number];
  readonly high: readonly [number, number];
  readonly isLog: readonly [boolean, boolean];
  /** In pixels of the screen, from the lower left corner. */
  readonly viewport: readonly [x: number, y: number, width: number, height: number];
  readonly ratio: number;
}

/** How a group is drawn; undefined: not at all. */
export type GroupLook = { readonly colour: Rgb; readonly opacity: number } | undefined;

interface Program {
  readonly program: WebGLProgram;
  readonly raw: WebGLBuffer;
  readonly smooth: WebGLBuffer;
  readonly indices: WebGLBuffer;
  readonly array: WebGLVertexArrayObject;
}

const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

/** Draws many curves with WebGL 2, in a few calls. */
export class CurvesGl {
  readonly #canvas: HTMLCanvasElement;
  readonly #gl: WebGL2RenderingContext;
  readonly #control = new AbortController();
  #program: Program | undefined;
  #sizes = { raw: 0, smooth: 0 };
  #groups: readonly CurveGroup[] = [];

  private constructor(canvas: HTMLCanvasElement, gl: WebGL2RenderingContext, changed: () => void) {
    this.#canvas = canvas;
    this.#gl = gl;
    const { signal } = this.#control;
    canvas.addEventListener(
      "webglcontextlost",
      (event) => {
        event.preventDefault();
        this.#program = undefined;
        changed();
      },
      { signal },
    );
    canvas.addEventListener("webglcontextrestored", changed, { signal });
  }

  /**
   * Begins to draw on a canvas.
   *
   * @param changed is called when the context was lost, or is back
   * @param isForced whether a graphics card that is only imitated will do
   * @returns undefined without WebGL 2, or where it would be slow
   */
  static on(canvas: HTMLCanvasElement, changed: () => void, isForced: boolean): CurvesGl | undefined {
    const gl = canvas.getContext("webgl2", {
      antialias: true,
      alpha: true,
      depth: false,
      premultipliedAlpha: true,
    });
    if (gl === null) return undefined;
    if (!isForced && gl.getExtension("WEBGL_debug_renderer_info") !== null) {
      const name: unknown = gl.getParameter(0x9246);
      if (typeof name === "string" && SOFTWARE.test(name)) {
        gl.getExtension("WEBGL_lose_context")?.loseContext();
        return undefined;
      }
    }
    return new CurvesGl(canvas, gl, changed);
  }

  /**
   * Whether it can draw now: everything must be sent first if it says that it is empty.
   */
  prepare(): "ready" | "empty" | "lost" {
    if (this.#gl.isContextLost()) return "lost";
    if (this.#program !== undefined) return "ready";
    this.#program = this.#begin();
    this.#sizes = { raw: 0, smooth: 0 };
    return this.#program === undefined ? "lost" : "empty";
  }

  /** Sends vertices: all of them, or the ranges that changed. */
  send(
    which: "raw" | "smooth",
    vertices: Float32Array<ArrayBuffer>,
    dirty?: readonly (readonly [number, number])[],
  ): void {
    const gl = this.#gl;
    if (this.#program === undefined) return;
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#program[which]);
    if (dirty === undefined || this.#sizes[which] !== vertices.length) {
      gl.bufferData(gl.ARRAY_BUFFER, vertices, gl.DYNAMIC_DRAW);
      this.#sizes[which] = vertices.length;
      return;
    }
    for (const [from, to] of dirty) {
      gl.bufferSubData(gl.ARRAY_BUFFER, 8 * from, vertices, 2 * from, 2 * (to - from));
    }
  }

  sendGroups({ indices, groups }: CurveGroups): void {
    const gl = this.#gl;
    if (this.#program === undefined) return;
    gl.bindVertexArray(this.#program.array);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.#program.indices);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indices, gl.DYNAMIC_DRAW);
    this.#groups = groups;
  }

  clear(): void {
    const gl = this.#gl;
    gl.disable(gl.SCISSOR_TEST);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  draw(which: "raw" | "smooth", view: GlView, lookOf: (group: CurveGroup) => GroupLook): void {
    const gl = this.#gl;
    if (this.#program === undefined) return;
    const { program, array } = this.#program;
    const set = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
    gl.viewport(...view.viewport);
    gl.scissor(...view.viewport);
    gl.enable(gl.SCISSOR_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.useProgram(program);
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#program[which]);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    const [[x0, y0], [x1, y1]] = [view.low, view.high];
    gl.uniform2f(set("low"), x0, y0);
    gl.uniform2f(set("scale"), 2 / (x1 - x0), 2 / (y1 - y0));
    gl.uniform2f(set("isLog"), Number(view.isLog[0]), Number(view.isLog[1]));
    gl.uniform1f(set("dot"), 4 * view.ratio);
    const colour = set("colour");
    for (const group of this.#groups) {
      const look = lookOf(group);
      if (look === undefined) continue;
      const { opacity } = look;
      const [red = 0, green = 0, blue = 0] = look.colour.map((value) => (value / 255) * opacity);
      gl.uniform4f(colour, red, green, blue, opacity);
      gl.drawElements(
        group.isDots ? gl.POINTS : gl.LINE_STRIP,
        group.length,
        gl.UNSIGNED_INT,
        4 * group.first,
      );
    }
    gl.bindVertexArray(null);
  }

  destroy(): void {
    this.#control.abort();
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
    this.#canvas.remove();
  }

  #begin(): Program | undefined {
    const gl = this.#gl;
    const program = gl.createProgram();
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ] as const) {
      const shader = gl.createShader(type);
      if (shader === null) return undefined;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.bindAttribLocation(program, 0, "point");
    gl.linkProgram(program);
    if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true) return undefined;
    return {
      program,
      raw: gl.createBuffer(),
      smooth: gl.createBuffer(),
      indices: gl.createBuffer(),
      array: gl.createVertexArray(),
    };
  }
}
