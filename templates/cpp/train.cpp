// Trains a small neural network to tell two interleaved half-moons apart.
//
// It shows all that Curvewise needs from a program: it reads its params, reports its metrics after each epoch, and
// saves its state when it is told to pause. Replace the training with your own.
//   c++ -std=c++11 -O2 -o train train.cpp && ./train --rate=0.3 --momentum=0.5 --width=8 --batch=16
#include "curvewise.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <vector>

struct Point {
  double x, y;
  int label;
};

// Weights of a hidden unit: of x, of y, its bias, and that of its output.
struct Unit {
  double x, y, bias, out;
};

static std::vector<Point> moons(int count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> angle(0, 3.14159265358979);
  std::normal_distribution<double> noise(0, 0.15);
  std::vector<Point> points;
  for (int index = 0; index < count; ++index) {
    const double turn = angle(generator);
    const int label = index % 2;
    const double x = label ? 1 - std::cos(turn) : std::cos(turn);
    const double y = label ? 0.5 - std::sin(turn) : std::sin(turn);
    points.push_back({x + noise(generator), y + noise(generator), label});
  }
  return points;
}

class Network {
 public:
  Network(long width, unsigned long long seed) : units_(width), speeds_(width + 1, Unit{0, 0, 0, 0}), bias_(0) {
    std::mt19937_64 generator(seed);
    std::normal_distribution<double> normal(0, 1);
    for (Unit& unit : units_) unit = {normal(generator), normal(generator), 0, normal(generator) / std::sqrt(width)};
  }

  double probability(const Point& point) const {
    double total = bias_;
    for (const Unit& unit : units_) total += hidden(unit, point) * unit.out;
    return 1 / (1 + std::exp(-std::max(-60.0, std::min(60.0, total))));
  }

  void train(const std::vector<Point>& points, std::size_t from, std::size_t to, double rate, double momentum) {
    std::vector<Unit> slopes(speeds_.size(), Unit{0, 0, 0, 0});
    for (std::size_t index = from; index < to; ++index) {
      const Point& point = points[index];
      const double error = (probability(point) - point.label) / static_cast<double>(to - from);
      for (std::size_t each = 0; each < units_.size(); ++each) {
        const double value = hidden(units_[each], point);
        const double back = error * units_[each].out * (1 - value * value);
        slopes[each].x += back * point.x;
        slopes[each].y += back * point.y;
        slopes[each].bias += back;
        slopes[each].out += error * value;
      }
      slopes.back().out += error;
    }
    const auto move = [&](double& weight, double& speed, double slope) {
      speed = momentum * speed - rate * slope;
      weight += speed;
    };
    for (std::size_t each = 0; each < units_.size(); ++each) {
      move(units_[each].x, speeds_[each].x, slopes[each].x);
      move(units_[each].y, speeds_[each].y, slopes[each].y);
      move(units_[each].bias, speeds_[each].bias, slopes[each].bias);
      move(units_[each].out, speeds_[each].out, slopes[each].out);
    }
    move(bias_, speeds_.back().out, slopes.back().out);
  }

  void save(const std::string& path) const {
    std::ofstream file(path, std::ios::binary);
    write(file, units_);
    write(file, speeds_);
    file.write(reinterpret_cast<const char*>(&bias_), sizeof bias_);
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path);
  }

  void load(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    read(file, units_);
    read(file, speeds_);
    file.read(reinterpret_cast<char*>(&bias_), sizeof bias_);
    if (!file) throw std::runtime_error("cannot read " + path);
  }

 private:
  static double hidden(const Unit& unit, const Point& point) {
    return std::tanh(unit.x * point.x + unit.y * point.y + unit.bias);
  }
  static void write(std::ofstream& file, const std::vector<Unit>& units) {
    file.write(reinterpret_cast<const char*>(units.data()), static_cast<std::streamsize>(units.size() * sizeof(Unit)));
  }
  static void read(std::ifstream& file, std::vector<Unit>& units) {
    file.read(reinterpret_cast<char*>(units.data()), static_cast<std::streamsize>(units.size() * sizeof(Unit)));
  }

  std::vector<Unit> units_;
  // One for each unit; the last for the output's bias.
  std::vector<Unit> speeds_;
  double bias_;
};

int main(int argc, char** argv) try {
  curvewise::Trial trial(argc, argv);
  const double rate = trial.params().number("rate");
  const double momentum = trial.params().number("momentum");
  const std::size_t batch = static_cast<std::size_t>(trial.params().integer("batch"));

  Network network(trial.params().integer("width"), trial.seed());
  if (!trial.resume().empty()) network.load(trial.resume());

  const std::vector<Point> training = moons(200, 1), validation = moons(200, 2);
  for (long epoch = trial.first_step(); epoch <= trial.max_steps(30); ++epoch) {
    // The order depends only on the epoch, so a resumed training goes on exactly as it would have.
    std::vector<Point> order = training;
    std::mt19937_64 shuffler(trial.seed() * 1000 + static_cast<unsigned long long>(epoch));
    std::shuffle(order.begin(), order.end(), shuffler);
    for (std::size_t from = 0; from < order.size(); from += batch)
      network.train(order, from, std::min(order.size(), from + batch), rate, momentum);

    double loss = 0, right = 0;
    for (const Point& point : validation) {
      const double probability = network.probability(point);
      loss -= std::log(std::max(1e-12, point.label ? probability : 1 - probability)) / 200;
      right += (probability > 0.5) == (point.label == 1);
    }
    const auto action = trial.report(epoch, {{"loss", loss}, {"accuracy", right / 200}});
    if (trial.should_save(epoch)) trial.save(epoch, [&](const std::string& path) { network.save(path); });
    if (action != curvewise::Action::go_on) return trial.exit_code();
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << std::endl;
  return 1;
}
