// A training whose curve is a formula of its rate, for tests: it saves when it should, goes on in place with other
// trials' models, and writes down what it did in trained.txt, a line for each step: the step, and the rate.
#include <curvewise.hpp>

#include <cmath>
#include <fstream>
#include <string>

namespace {

long lines_of(const std::string& path) {
  std::ifstream file(path);
  long count = 0;
  for (std::string line; std::getline(file, line);) ++count;
  return count;
}

void wait_for_members(const std::string& dir, long members, long steps) {
  for (long member = 0; member < members; ++member) {
    while (lines_of(dir + "/../trial-" + std::to_string(member) + "/trained.txt") < steps) usleep(5000);
  }
}

}  // namespace

int main(int argc, char** argv) {
  curvewise::Trial trial(argc, argv);
  double rate = trial.params().number("rate", 0.1);
  std::ofstream trained(trial.dir() + "/trained.txt", std::ios::app);
  double progress = 0;
  const auto load = [&] {
    std::ifstream file(trial.resume());
    if (!(file >> progress)) throw curvewise::Error("MODEL_UNREADABLE", trial.resume());
  };
  if (!trial.resume().empty()) load();
  for (long step = trial.first_step(); step <= trial.max_steps(20); ++step) {
    if (step % 4 == 0) wait_for_members(trial.dir(), trial.params().integer("members", 0), step - 1);
    progress += 1 / (1 + std::fabs(std::log10(rate) + 2));
    trained << step << " " << rate << std::endl;
    const auto action =
        trial.report_able_to_exploit(step, {{"loss", 1 / (1 + progress)}, {"rate", rate}});
    if (trial.should_save(step)) {
      trial.save(step, [&](const std::string& path) {
        std::ofstream file(path);
        file.precision(17);
        file << progress;
      });
    }
    if (action == curvewise::Action::exploit) {
      load();
      rate = trial.params().number("rate");
      step = trial.resume_step();
    } else if (action != curvewise::Action::go_on && !trial.park()) {
      return trial.exit_code();
    }
  }
  return 0;
}
