// A network of MagmaDNN as a trial of Curvewise: three fully connected layers that tell ten kinds of clothes apart.
// By hand:  OPENBLAS_NUM_THREADS=1 ./train --lr=0.3 --batch=32
#include <cmath>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "curvewise.hpp"
#include "network.hpp"

namespace {

const long MAX_STEPS = 20;
const long IMAGES_PER_STEP = 600;
const std::size_t TEST_IMAGES = 1000;

/// The formulas of Curvewise's schedules of these names, with the share of the training that is done as their time.
/// @throws curvewise::Error PARAM_INVALID
double rate_at(const curvewise::Params& params, double done) {
  const double rate = params.number("lr", 0.3);
  const std::string schedule = params.text("schedule", "constant");
  if (schedule == "constant") return rate;
  if (schedule == "cosine") return rate * (1 + std::cos(std::acos(-1.0) * done)) / 2;
  if (schedule == "exponential") return rate * std::pow(0.1, done);
  throw curvewise::Error("PARAM_INVALID", "there is no schedule " + schedule,
                         "Give constant, cosine or exponential.");
}

unsigned whole(const curvewise::Params& params, const char* name, long fallback) {
  const long value = params.integer(name, fallback);
  if (value < 1 || value > 100000) throw curvewise::Error("PARAM_INVALID", std::string(name) + " is out of range");
  return static_cast<unsigned>(value);
}

/// A network of the trial's present params; what it learnt so far, if there is a snapshot.
std::unique_ptr<Network<float>> make_network(const curvewise::Trial& trial, unsigned inputs) {
  const curvewise::Params& params = trial.params();
  const unsigned width1 = whole(params, "width1", 64), width2 = whole(params, "width2", 32);
  std::unique_ptr<Network<float>> network(
      new Network<float>(whole(params, "batch", 32), inputs, width1, width2, 10, trial.seed()));
  network->descent.set_momentum(static_cast<float>(params.number("momentum", 0.9)));
  if (!trial.resume().empty())
    magmadnn_curvewise::load_training<float>(trial.resume(), network->model->weights(), network->descent);
  return network;
}

std::string data_folder(int argc, char** argv) {
  for (int each = 1; each < argc; ++each) {
    const std::string argument = argv[each];
    if (argument.compare(0, 7, "--data=") == 0) return argument.substr(7);
  }
  return DATA;
}

int train(int argc, char** argv) {
  curvewise::Trial trial(argc, argv);
  const std::string folder = data_folder(argc, argv);
  const Images<float> training = read_images<float>(folder, "train", 1000000);
  const Images<float> test = read_images<float>(folder, "t10k", TEST_IMAGES);
  const long max_steps = trial.max_steps(MAX_STEPS);
  curvewise::Action action = curvewise::Action::exploit;
  // Once around for each model: the trial's own, and those of other trials that it goes on with.
  while (action == curvewise::Action::exploit) {
    action = curvewise::Action::go_on;
    const std::unique_ptr<Network<float>> network = make_network(trial, training.inputs->get_shape(1));
    magmadnn_curvewise::fit(
        *network->model, network->descent, *training.inputs, *training.targets,
        {trial.first_step(), max_steps, IMAGES_PER_STEP, trial.seed()},
        [&](double steps) { return rate_at(trial.params(), steps / static_cast<double>(max_steps)); },
        [&](long step, double loss) {
          const double right = magmadnn_curvewise::accuracy(*network->model, *test.inputs, *test.targets);
          action = trial.report_able_to_exploit(step, {{"accuracy", right}, {"loss", loss}});
          if (trial.should_save(step)) {
            trial.save(step, [&](const std::string& path) {
              magmadnn_curvewise::save_training<float>(path, network->model->weights(), network->descent);
            });
          }
          // Paused, it waits here with its network and images, and goes on without a start.
          if (action == curvewise::Action::pause && trial.park()) action = curvewise::Action::go_on;
          return action == curvewise::Action::go_on;
        });
  }
  return trial.exit_code();
}

}  // namespace

int main(int argc, char** argv) {
  magmadnn::magmadnn_init();
  int code = 1;
  try {
    code = train(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
  }
  magmadnn::magmadnn_finalize();
  return code;
}
