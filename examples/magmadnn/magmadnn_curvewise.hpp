// What MagmaDNN 1.2 lacks for tuning, for any network of its class NeuralNetwork, on the processor:
//   fill_weights               fills the weights from a seed; MagmaDNN's own filling gives every network the same start
//   MomentumDescent            gradient descent whose momentum can be read and written, and that leaks nothing
//   save_training, load_training   weights and momentum in a file
//   fit                        trains from any step on, with a rate for each iteration and a call after each step
//   accuracy                   the share of images that a network classifies rightly
// All of it gives the same numbers again for the same seed, also when a training goes on from a file.
#ifndef MAGMADNN_CURVEWISE_HPP
#define MAGMADNN_CURVEWISE_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "magmadnn.h"

namespace magmadnn_curvewise {

/// The variables that a network trains: `NeuralNetwork::weights()`.
template <typename T>
using Weights = std::vector<magmadnn::op::Operation<T>*>;

/// Numbers from a seed and a stream, the same with every compiler (the distributions of the standard library are not).
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream) : engine_(mixed(seed ^ mixed(stream + 1))) {}

  /// From [0, 1).
  double unit() { return static_cast<double>(engine_() >> 11) / 9007199254740992.0; }

  /// A whole number below `count`.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(unit() * static_cast<double>(count)); }

 private:
  /// The finalizer of SplitMix64 (Steele, Lea and Flood 2014): neighbouring seeds give unrelated engines.
  static std::uint64_t mixed(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
  }

  std::mt19937_64 engine_;
};

/// Fills each matrix of weights uniformly within sqrt(2 / its rows) of zero, as MagmaDNN's layers do but from a seed,
/// and everything else with zeros.
template <typename T>
void fill_weights(const Weights<T>& weights, std::uint64_t seed) {
  for (std::size_t each = 0; each < weights.size(); ++each) {
    magmadnn::Tensor<T>* tensor = weights[each]->eval(false);
    const bool is_matrix = tensor->get_shape().size() == 2;
    const double bound = is_matrix ? std::sqrt(2.0 / tensor->get_shape(0)) : 0;
    Random random(seed, each);
    T* values = tensor->get_ptr();
    for (unsigned at = 0; at < tensor->get_size(); ++at) values[at] = static_cast<T>(bound * (2 * random.unit() - 1));
  }
}

/// MagmaDNN's gradient descent, v = m v + (1 - m) gradient and w = w - rate v, with access to v.
template <typename T>
class MomentumDescent : public magmadnn::optimizer::GradientDescent<T> {
 public:
  MomentumDescent(T rate, T share) : magmadnn::optimizer::GradientDescent<T>(rate, share) {}
  MomentumDescent(const MomentumDescent&) = delete;
  MomentumDescent& operator=(const MomentumDescent&) = delete;
  ~MomentumDescent() override {
    for (auto& each : this->momentum_table) delete each.second;
  }

  void minimize(magmadnn::op::Operation<T>* loss, const Weights<T>& weights) override {
    magmadnn::optimizer::GradientDescent<T>::minimize(loss, weights);
    // MagmaDNN makes a new tensor for the loss's own gradient at each iteration, and never deletes it.
    delete this->table.get(loss);
    this->table.clear();
  }

  /// The momentum of a variable; zeros before the first iteration.
  magmadnn::Tensor<T>& momentum_of(magmadnn::op::Operation<T>* variable) {
    magmadnn::Tensor<T>*& found = this->momentum_table[variable];
    if (found == nullptr) {
      magmadnn::Tensor<T>* weights = variable->eval(false);
      found = new magmadnn::Tensor<T>(weights->get_shape(), {magmadnn::ZERO, {}}, weights->get_memory_type());
    }
    return *found;
  }
};

namespace detail {

struct Header {
  char magic[8];
  std::uint32_t bytes_per_number;
  std::uint32_t variables;
};
const char MAGIC[8] = {'m', 'd', 'n', 'n', '-', 'c', 'w', '1'};

inline std::runtime_error broken(const std::string& path, const std::string& what) {
  return std::runtime_error(path + ": " + what);
}

template <typename T>
void write_numbers(std::ofstream& file, const magmadnn::Tensor<T>& tensor) {
  const T* values = const_cast<magmadnn::Tensor<T>&>(tensor).get_ptr();
  file.write(reinterpret_cast<const char*>(values), static_cast<std::streamsize>(tensor.get_size() * sizeof(T)));
}

template <typename T>
std::vector<T> read_numbers(std::ifstream& file, std::size_t count, const std::string& path) {
  std::vector<T> values(count);
  const std::streamsize bytes = static_cast<std::streamsize>(count * sizeof(T));
  if (!file.read(reinterpret_cast<char*>(values.data()), bytes)) throw broken(path, "the file is cut short");
  return values;
}

/// The order of a passage over the images: Fisher and Yates' shuffle, from a stream of its own for each passage.
inline std::vector<std::size_t> order_of(std::size_t images, std::uint64_t seed, std::uint64_t passage) {
  std::vector<std::size_t> order(images);
  std::iota(order.begin(), order.end(), std::size_t(0));
  // Streams of weights are counted from 0, so the order's begin elsewhere.
  Random random(seed, (std::uint64_t(1) << 32) + passage);
  for (std::size_t left = images; left > 1; --left) std::swap(order[left - 1], order[random.below(left)]);
  return order;
}

template <typename T>
void copy_row(const magmadnn::Tensor<T>& from, std::size_t row, magmadnn::Tensor<T>& to, std::size_t to_row) {
  const std::size_t width = to.get_shape(1);
  const T* values = const_cast<magmadnn::Tensor<T>&>(from).get_ptr() + row * width;
  std::copy(values, values + width, to.get_ptr() + to_row * width);
}

template <typename T>
std::size_t class_of(magmadnn::Tensor<T>& rows, std::size_t row) {
  const T* values = rows.get_ptr() + row * rows.get_shape(1);
  return static_cast<std::size_t>(std::max_element(values, values + rows.get_shape(1)) - values);
}

}  // namespace detail

/// Writes weights and momentum to a file, in the machine's own byte order.
/// @throws std::runtime_error if the file cannot be written
template <typename T>
void save_training(const std::string& path, const Weights<T>& weights, MomentumDescent<T>& descent) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  detail::Header header;
  std::memcpy(header.magic, detail::MAGIC, sizeof header.magic);
  header.bytes_per_number = sizeof(T);
  header.variables = static_cast<std::uint32_t>(weights.size());
  file.write(reinterpret_cast<const char*>(&header), sizeof header);
  for (magmadnn::op::Operation<T>* variable : weights) {
    magmadnn::Tensor<T>* tensor = variable->eval(false);
    const std::uint64_t size = tensor->get_size();
    file.write(reinterpret_cast<const char*>(&size), sizeof size);
    detail::write_numbers(file, *tensor);
    detail::write_numbers(file, descent.momentum_of(variable));
  }
  file.close();
  if (!file) throw detail::broken(path, "it cannot be written");
}

/// Reads what save_training wrote; changes nothing unless all of it fits.
/// @throws std::runtime_error if the file cannot be read, is cut short, or is of another network
template <typename T>
void load_training(const std::string& path, const Weights<T>& weights, MomentumDescent<T>& descent) {
  std::ifstream file(path, std::ios::binary);
  detail::Header header;
  if (!file.read(reinterpret_cast<char*>(&header), sizeof header)) throw detail::broken(path, "it cannot be read");
  if (std::memcmp(header.magic, detail::MAGIC, sizeof header.magic) != 0 || header.bytes_per_number != sizeof(T) ||
      header.variables != weights.size()) {
    throw detail::broken(path, "this is not a file of such a network");
  }
  std::vector<std::vector<T>> read;
  for (magmadnn::op::Operation<T>* variable : weights) {
    const std::size_t count = variable->eval(false)->get_size();
    std::uint64_t size = 0;
    if (!file.read(reinterpret_cast<char*>(&size), sizeof size)) throw detail::broken(path, "the file is cut short");
    if (size != count) throw detail::broken(path, "the network in it has other widths");
    for (int part = 0; part < 2; ++part) read.push_back(detail::read_numbers<T>(file, count, path));
  }
  for (std::size_t each = 0; each < weights.size(); ++each) {
    const std::vector<T>& values = read[2 * each];
    const std::vector<T>& momentum = read[2 * each + 1];
    std::copy(values.begin(), values.end(), weights[each]->eval(false)->get_ptr());
    std::copy(momentum.begin(), momentum.end(), descent.momentum_of(weights[each]).get_ptr());
  }
}

/// Which part of a training to do.
struct Steps {
  /// The first step to train, counted from 1; above 1 if the training goes on.
  long first;
  long last;
  /// Images of a step. An iteration that begins in a step belongs to it as a whole.
  long images;
  /// For the order of the images, a new one for each passage over them.
  std::uint64_t seed;
};

/// Trains a network in batches of its own size. Which images an iteration gets depends on its number and the seed only,
/// so a training that goes on from a file does just what it would have done without a break.
/// @param inputs one image a row; targets: one row an image, 1 at its class and 0 elsewhere
/// @param rate_at gets what an iteration has behind it, in steps, and gives its learning rate
/// @param after_step gets the step and its mean loss; false ends the training
template <typename T, class RateAt, class AfterStep>
void fit(magmadnn::model::NeuralNetwork<T>& network, MomentumDescent<T>& descent, const magmadnn::Tensor<T>& inputs,
         const magmadnn::Tensor<T>& targets, const Steps& steps, RateAt rate_at, AfterStep after_step) {
  const std::size_t batch = network.network_input_tensor()->get_shape(0);
  const std::size_t images = inputs.get_shape(0);
  const std::size_t per_step = static_cast<std::size_t>(steps.images);
  std::size_t iteration = (static_cast<std::size_t>(steps.first - 1) * per_step + batch - 1) / batch;
  std::size_t passage = 0;
  std::vector<std::size_t> order;
  for (long step = steps.first; step <= steps.last; ++step) {
    double loss = 0;
    std::size_t iterations = 0;
    for (; iteration * batch < static_cast<std::size_t>(step) * per_step; ++iteration, ++iterations) {
      for (std::size_t row = 0; row < batch; ++row) {
        const std::size_t place = iteration * batch + row;
        if (order.empty() || place / images != passage) {
          passage = place / images;
          order = detail::order_of(images, steps.seed, passage);
        }
        detail::copy_row(inputs, order[place % images], *network.network_input_tensor(), row);
        detail::copy_row(targets, order[place % images], *network.ground_truth_tensor(), row);
      }
      descent.set_learning_rate(
          static_cast<T>(rate_at(static_cast<double>(iteration * batch) / static_cast<double>(per_step))));
      loss += static_cast<double>(network.lossfun()->eval(true)->get(0));
      descent.minimize(network.lossfun(), network.weights());
    }
    if (!after_step(step, loss / static_cast<double>(iterations))) return;
  }
}

/// The share of images whose class a network gets right. Images beyond a whole number of batches count as well.
template <typename T>
double accuracy(magmadnn::model::NeuralNetwork<T>& network, const magmadnn::Tensor<T>& inputs,
                const magmadnn::Tensor<T>& targets) {
  const std::size_t batch = network.network_input_tensor()->get_shape(0);
  const std::size_t images = inputs.get_shape(0);
  magmadnn::Tensor<T> sample(network.network_input_tensor()->get_shape(), {magmadnn::ZERO, {}}, magmadnn::HOST);
  std::size_t right = 0;
  for (std::size_t from = 0; from < images; from += batch) {
    const std::size_t rows = std::min(batch, images - from);
    for (std::size_t row = 0; row < rows; ++row) detail::copy_row(inputs, from + row, sample, row);
    magmadnn::Tensor<T>* given = network.predict(&sample);
    for (std::size_t row = 0; row < rows; ++row) {
      const T* target = const_cast<magmadnn::Tensor<T>&>(targets).get_ptr() + (from + row) * targets.get_shape(1);
      if (target[detail::class_of(*given, row)] == T(1)) right += 1;
    }
  }
  return static_cast<double>(right) / static_cast<double>(images);
}

}  // namespace magmadnn_curvewise

#endif  // MAGMADNN_CURVEWISE_HPP
