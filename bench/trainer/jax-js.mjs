// jax-js's part in bench/trainer.mjs, for any network: as in its documentation, one compiled function for the whole step.
import { BATCH, BATCHES, batchesOf, MOMENTUM, RATE } from "./setup.mjs";

/**
 * A contender: `run(iterations)` trains, `loss()` returns its current training loss.
 *
 * @param network `forward(jax, parameters, x)` gives the outputs of a batch; `layers` has each one's first
 *   weights, their shape, and that of its biases, which begin at zero; `inputShape` is that of a batch
 */
export async function jaxJs(data, peers, { forward, layers, inputShape }) {
  const jax = peers("@jax-js/jax");
  const { blockUntilReady, jit, nn, numpy: np, tree, valueAndGrad } = jax;
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  const lossOf = (parameters, x, oneHot) =>
    nn
      .logSoftmax(forward(jax, parameters, x))
      .mul(oneHot)
      .sum()
      .mul(-1 / BATCH);
  const step = jit((parameters, velocities, x, oneHot) => {
    const [loss, gradient] = valueAndGrad(lossOf)(tree.ref(parameters), x, oneHot);
    const moved = tree.map((v, g) => v.mul(MOMENTUM).sub(g.mul(RATE)), velocities, gradient);
    return [tree.map((p, v) => p.add(v), parameters, tree.ref(moved)), moved, loss];
  });
  let parameters = layers.map(({ weights, shape, biases }) => ({
    w: np.array(weights).reshape(shape),
    b: np.zeros(biases),
  }));
  let velocities = tree.map((p) => np.zerosLike(p), tree.ref(parameters));
  const inputs = batchesOf(data).map(({ pixels, labels }) => ({
    x: np.array(pixels).reshape(inputShape),
    oneHot: nn.oneHot(np.array(labels, { dtype: np.int32 }), 10),
  }));
  await blockUntilReady(tree.ref(inputs));
  let next = 0;
  let last = Number.NaN;
  return {
    name: "@jax-js/jax wasm",
    run: async (iterations) => {
      for (let i = 0; i < iterations; i++) {
        const { x, oneHot } = inputs[next++ % BATCHES];
        const [after, moved, loss] = step(parameters, velocities, x.ref, oneHot.ref);
        parameters = after;
        velocities = moved;
        if (i === iterations - 1) last = (await loss.data())[0];
        else loss.dispose();
      }
    },
    loss: async () => last,
  };
}
