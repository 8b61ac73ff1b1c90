// The network that this example tunes, and its images.
#ifndef NETWORK_HPP
#define NETWORK_HPP

#include <zlib.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "magmadnn_curvewise.hpp"

/// Three fully connected layers. Their biases are left out: those of MagmaDNN 1.2 have an entry for each row of the
/// batch, not for each unit. Instead, each image has a last pixel that is always 1.
template <typename T>
class Network {
 public:
  Network(unsigned batch, unsigned inputs, unsigned width1, unsigned width2, unsigned classes, std::uint64_t seed)
      : descent(T(0), T(0)) {
    using namespace magmadnn;
    op::Operation<T>* images = op::var<T>("images", {batch, inputs}, {ZERO, {}}, HOST);
    op::Operation<T>* last = add(layer::input<T>(images));
    last = add(layer::fullyconnected<T>(last, width1, false));
    last = add(layer::activation<T>(last, layer::RELU));
    last = add(layer::fullyconnected<T>(last, width2, false));
    last = add(layer::activation<T>(last, layer::RELU));
    last = add(layer::fullyconnected<T>(last, classes, false));
    last = add(layer::activation<T>(last, layer::SOFTMAX));
    add(layer::output<T>(last));
    model::nn_params_t params;
    params.batch_size = batch;
    params.n_epochs = 0;
    params.learning_rate = 0;
    // The model deletes its optimizer, and this one would get no use: all steps are made by `descent`.
    model.reset(new model::NeuralNetwork<T>(layers_, optimizer::CROSS_ENTROPY, optimizer::SGD, params));
    magmadnn_curvewise::fill_weights<T>(model->weights(), seed);
  }
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  /// Deletes what MagmaDNN 1.2 can: the layers with their weights. Its operations cannot be deleted (that of a layer
  /// without bias would delete a pointer that was never set), so their outputs, of one batch, stay until the program ends.
  ~Network() {
    for (magmadnn::layer::Layer<T>* each : layers_) delete each;
  }

  std::unique_ptr<magmadnn::model::NeuralNetwork<T>> model;
  magmadnn_curvewise::MomentumDescent<T> descent;

 private:
  magmadnn::op::Operation<T>* add(magmadnn::layer::Layer<T>* layer) {
    layers_.push_back(layer);
    return layer->out();
  }

  std::vector<magmadnn::layer::Layer<T>*> layers_;
};

/// Images, one a row, with a last column of ones, and their classes, 1 in a row's column of 10 and 0 elsewhere.
template <typename T>
struct Images {
  std::unique_ptr<magmadnn::Tensor<T>> inputs;
  std::unique_ptr<magmadnn::Tensor<T>> targets;
};

/// The bytes of an IDX file after its head of 4 bytes and the `sizes`.
/// @param path without the ending .gz, which the file may have
/// @throws std::runtime_error if the file is missing, cut short, or has another shape
inline std::vector<unsigned char> read_idx(const std::string& path, std::vector<std::size_t>& sizes) {
  // zlib reads files that are not compressed as they are.
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen((path + ".gz").c_str(), "rb"), gzclose);
  if (file == nullptr) file.reset(gzopen(path.c_str(), "rb"));
  const auto refuse = [&path](const char* what) { throw std::runtime_error(path + ": " + what); };
  if (file == nullptr)
    refuse("it cannot be read, nor with the ending .gz; give the folder of the images with --data=FOLDER");
  unsigned char head[16];
  const unsigned length = static_cast<unsigned>(4 + 4 * sizes.size());
  if (gzread(file.get(), head, length) != static_cast<int>(length) || head[2] != 8 || head[3] != sizes.size())
    refuse("this is not such an IDX file");
  std::size_t bytes = 1;
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    sizes[axis] = 0;
    for (std::size_t at = 0; at < 4; ++at) sizes[axis] = sizes[axis] * 256 + head[4 + 4 * axis + at];
    bytes *= sizes[axis];
  }
  std::vector<unsigned char> values(bytes);
  if (gzread(file.get(), values.data(), static_cast<unsigned>(bytes)) != static_cast<int>(bytes))
    refuse("the file is cut short");
  return values;
}

/// Reads a part of Fashion-MNIST, or of other images in files of the same names: `part` is train or t10k.
/// @param most how many images to take at most, from the first on
template <typename T>
Images<T> read_images(const std::string& folder, const std::string& part, std::size_t most) {
  std::vector<std::size_t> shape(3), count(1);
  const auto pixels = read_idx(folder + "/" + part + "-images-idx3-ubyte", shape);
  const auto classes = read_idx(folder + "/" + part + "-labels-idx1-ubyte", count);
  if (shape[0] != count[0]) throw std::runtime_error(folder + ": there are not as many images as classes");
  const std::size_t images = std::min(most, shape[0]);
  const std::size_t size = shape[1] * shape[2];
  using magmadnn::Tensor;
  Images<T> read;
  const unsigned rows = static_cast<unsigned>(images);
  read.inputs.reset(
      new Tensor<T>({rows, static_cast<unsigned>(size + 1)}, {magmadnn::NONE, {}}, magmadnn::HOST));
  read.targets.reset(new Tensor<T>({rows, 10}, {magmadnn::ZERO, {}}, magmadnn::HOST));
  for (std::size_t image = 0; image < images; ++image) {
    T* row = read.inputs->get_ptr() + image * (size + 1);
    for (std::size_t pixel = 0; pixel < size; ++pixel) row[pixel] = static_cast<T>(pixels[image * size + pixel]) / 255;
    row[size] = 1;
    if (classes[image] >= 10) throw std::runtime_error(folder + ": there is a class above 9");
    read.targets->get_ptr()[image * 10 + classes[image]] = 1;
  }
  return read;
}

#endif  // NETWORK_HPP
