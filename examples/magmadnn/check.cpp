// Checks magmadnn_curvewise.hpp against MagmaDNN itself, and says what it found as lines of "name value".
//   gradient    largest difference of MagmaDNN's gradients from differences of the loss, relative to the largest gradient
//   fall        the loss of a step at the end divided by that of the first
//   resumed     how many of the steps after a break differ in any bit from those of a training without one
//   same-seed, other-seed   how many weights differ at the start between two networks
//   magmadnn    how many weights differ between two networks that MagmaDNN filled
//   refused     how many of three unfit files were refused
#include <cstdio>
#include <fstream>
#include <iterator>

#include "network.hpp"

namespace {

using namespace magmadnn_curvewise;

/// Points around as many centres as there are classes.
template <typename T>
Images<T> made_up(unsigned images, unsigned inputs, unsigned classes) {
  Images<T> made;
  made.inputs.reset(new magmadnn::Tensor<T>({images, inputs}, {magmadnn::ZERO, {}}, magmadnn::HOST));
  made.targets.reset(new magmadnn::Tensor<T>({images, classes}, {magmadnn::ZERO, {}}, magmadnn::HOST));
  Random random(1, 1);
  for (unsigned image = 0; image < images; ++image) {
    const unsigned kind = image % classes;
    made.targets->set(image * classes + kind, T(1));
    for (unsigned each = 0; each < inputs; ++each)
      made.inputs->set(image * inputs + each, T(random.unit() + (each % classes == kind ? 1 : 0)));
  }
  return made;
}

/// The momentum after one iteration from zeros is (1 - m) times the gradient, and with m = 0 the gradient itself.
double gradient_error() {
  Network<double> network(6, 5, 7, 4, 3, 11);
  const Images<double> data = made_up<double>(6, 5, 3);
  std::copy(data.inputs->get_ptr(), data.inputs->get_ptr() + 30, network.model->network_input_tensor()->get_ptr());
  std::copy(data.targets->get_ptr(), data.targets->get_ptr() + 18, network.model->ground_truth_tensor()->get_ptr());
  const auto loss = [&network] { return network.model->lossfun()->eval(true)->get(0); };
  // Not at the first iteration either: gradients that are kept must be made anew.
  for (int iteration = 0; iteration < 3; ++iteration) {
    loss();
    network.descent.set_learning_rate(iteration < 2 ? 0.1 : 0);
    network.descent.minimize(network.model->lossfun(), network.model->weights());
  }
  double error = 0, largest = 0;
  for (magmadnn::op::Operation<double>* variable : network.model->weights()) {
    double* weights = variable->eval(false)->get_ptr();
    const magmadnn::Tensor<double>& gradient = network.descent.momentum_of(variable);
    for (unsigned at = 0; at < gradient.get_size(); ++at) {
      const double kept = weights[at], distance = 1e-5;
      weights[at] = kept + distance;
      const double above = loss();
      weights[at] = kept - distance;
      const double below = loss();
      weights[at] = kept;
      const double given = gradient.get(at);
      error = std::max(error, std::fabs(given - (above - below) / (2 * distance)));
      largest = std::max(largest, std::fabs(given));
    }
  }
  return error / largest;
}

struct Course {
  std::vector<double> losses;
  std::vector<double> accuracies;
};

Course train(Network<float>& network, const Images<float>& data, long first, long last) {
  Course course;
  network.descent.set_momentum(0.5F);
  fit(
      *network.model, network.descent, *data.inputs, *data.targets, {first, last, 50, 3},
      [](double steps) { return 0.1 + 0.01 * steps; },
      [&](long, double loss) {
        course.losses.push_back(loss);
        course.accuracies.push_back(accuracy(*network.model, *data.inputs, *data.targets));
        return true;
      });
  return course;
}

std::unique_ptr<Network<float>> small(unsigned width, std::uint64_t seed) {
  return std::unique_ptr<Network<float>>(new Network<float>(16, 12, width, 8, 4, seed));
}

int differing_weights(Network<float>& one, Network<float>& other) {
  int differing = 0;
  for (std::size_t each = 0; each < one.model->weights().size(); ++each) {
    magmadnn::Tensor<float>* values = one.model->weights()[each]->eval(false);
    for (unsigned at = 0; at < values->get_size(); ++at)
      differing += values->get(at) != other.model->weights()[each]->eval(false)->get(at);
  }
  return differing;
}

/// Fills a network's weights with MagmaDNN's own uniform filler.
void fill_as_magmadnn(Network<float>& network) {
  for (magmadnn::op::Operation<float>* variable : network.model->weights())
    variable->eval(false)->fill_memory({magmadnn::UNIFORM, {-1, 1}});
}

bool refuses(const std::string& path, Network<float>& network) {
  try {
    load_training<float>(path, network.model->weights(), network.descent);
    return false;
  } catch (const std::runtime_error&) {
    return true;
  }
}

int check(const std::string& path) {
  std::printf("gradient %g\n", gradient_error());
  const Images<float> data = made_up<float>(90, 12, 4);
  const auto whole = small(10, 5);
  const Course unbroken = train(*whole, data, 1, 12);
  std::printf("fall %g\naccuracy %g\n", unbroken.losses.back() / unbroken.losses.front(), unbroken.accuracies.back());

  const auto before = small(10, 5);
  train(*before, data, 1, 5);
  save_training<float>(path, before->model->weights(), before->descent);
  const auto after = small(10, 6);
  load_training<float>(path, after->model->weights(), after->descent);
  const Course resumed = train(*after, data, 6, 12);
  int differing = 0;
  for (std::size_t step = 0; step < resumed.losses.size(); ++step)
    differing += resumed.losses[step] != unbroken.losses[step + 5] ||
                 resumed.accuracies[step] != unbroken.accuracies[step + 5];
  std::printf("resumed %d of %zu\n", differing, resumed.losses.size());

  const auto one = small(10, 5), same = small(10, 5), other = small(10, 6);
  std::printf("same-seed %d\nother-seed %d\n", differing_weights(*one, *same), differing_weights(*one, *other));

  int refused = refuses(path + "-missing", *one);
  refused += refuses(path, *small(9, 5));
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::ofstream(path + "-short", std::ios::binary) << bytes.substr(0, bytes.size() - 1);
  refused += refuses(path + "-short", *one);
  std::printf("refused %d\nafter-refusals %d\n", refused, differing_weights(*one, *same));

  fill_as_magmadnn(*one);
  fill_as_magmadnn(*other);
  std::printf("magmadnn %d\n", differing_weights(*one, *other));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "Give a file that may be written.\n");
    return 2;
  }
  magmadnn::magmadnn_init();
  const int code = check(argv[1]);
  magmadnn::magmadnn_finalize();
  return code;
}
