// Curvewise for C++ programs: one header, C++11, nothing but the standard library and POSIX.
//
//   curvewise::Trial trial(argc, argv);
//   const double rate = trial.params().number("rate", 0.1);
//   for (long epoch = trial.first_step(); epoch <= trial.max_steps(30); ++epoch) {
//     const double loss = train(rate);
//     const auto action = trial.report(epoch, {{"loss", loss}});
//     if (trial.should_save(epoch)) trial.save(epoch, [&](const std::string& path) { write_model(path); });
//     if (action != curvewise::Action::go_on && !trial.park()) return trial.exit_code();
//   }
//
// Started by Curvewise, the program gets its params and talks to the study. Started by hand, it takes params from
// `--name=value` or the fallbacks, prints its reports, and trains on to the end.
#ifndef CURVEWISE_HPP
#define CURVEWISE_HPP

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace curvewise {

/// What the program does after a report.
enum class Action {
  /// Trains on.
  go_on,
  /// Saves a snapshot of the step that it just reported, and ends; the training may go on from there later.
  pause,
  /// Ends.
  stop,
  /// Loads another trial's model and takes new params: see Trial::report_able_to_exploit.
  exploit
};

/// What went wrong, with a code such as STEP_NOT_INCREASING, PARAM_MISSING or CONNECTION_LOST, and what may help.
class Error : public std::runtime_error {
 public:
  Error(const std::string& error_code, const std::string& message, const std::string& error_hint = "")
      : std::runtime_error(error_code + ": " + message + (error_hint.empty() ? "" : " (" + error_hint + ")")),
        code(error_code),
        hint(error_hint) {}
  ~Error() noexcept override {}
  std::string code;
  std::string hint;
};

/// A JSON value. Numbers may be NaN and infinite.
class Value {
 public:
  enum class Kind { null, boolean, number, text, list, mapping };
  typedef std::vector<std::pair<std::string, Value>> Members;

  Value() : kind_(Kind::null), boolean_(false), number_(0) {}
  explicit Value(bool value) : kind_(Kind::boolean), boolean_(value), number_(0) {}
  explicit Value(double value) : kind_(Kind::number), boolean_(false), number_(value) {}
  explicit Value(const std::string& value) : kind_(Kind::text), boolean_(false), number_(0), text_(value) {}
  explicit Value(const std::vector<Value>& value)
      : kind_(Kind::list), boolean_(false), number_(0), list_(value) {}
  explicit Value(const Members& value)
      : kind_(Kind::mapping), boolean_(false), number_(0), members_(value) {}

  Kind kind() const { return kind_; }
  bool boolean() const { return boolean_; }
  double number() const { return number_; }
  const std::string& text() const { return text_; }
  const std::vector<Value>& list() const { return list_; }
  const Members& members() const { return members_; }

  /// A member of a mapping; null if there is none.
  const Value* find(const std::string& name) const {
    for (Members::const_iterator each = members_.begin(); each != members_.end(); ++each) {
      if (each->first == name) return &each->second;
    }
    return nullptr;
  }

 private:
  Kind kind_;
  bool boolean_;
  double number_;
  std::string text_;
  std::vector<Value> list_;
  Members members_;
};

namespace detail {

/// The character between whole and fraction that the C library uses at the moment.
inline char decimal_point() {
  const struct lconv* conventions = localeconv();
  return conventions != nullptr && conventions->decimal_point != nullptr && conventions->decimal_point[0] != '\0'
             ? conventions->decimal_point[0]
             : '.';
}

/// Reads a number as JSON writes it, whatever the locale; false if the text is not a number.
inline bool read_number(std::string text, double* result) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '.') text[at] = decimal_point();
  }
  char* end = nullptr;
  *result = std::strtod(text.c_str(), &end);
  return end != text.c_str() && *end == '\0';
}

/// The shortest text that is read back as the same number.
inline std::string write_number(double value) {
  if (std::isnan(value)) return "\"NaN\"";
  if (std::isinf(value)) return value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  char text[40];
  for (int digits = 15; digits <= 17; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    if (std::strtod(text, nullptr) == value) break;
  }
  for (char* each = text; *each != '\0'; ++each) {
    if (*each == decimal_point()) *each = '.';
  }
  return text;
}

/// A text as a JSON string. Bytes of UTF-8 stay as they are.
inline std::string quote(const std::string& text) {
  std::string quoted = "\"";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const unsigned char each = static_cast<unsigned char>(text[at]);
    if (each == '"' || each == '\\') {
      quoted += '\\';
      quoted += static_cast<char>(each);
    } else if (each < 0x20 || each == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(each));
      quoted += escape;
    } else {
      quoted += static_cast<char>(each);
    }
  }
  return quoted + "\"";
}

/// Reads JSON, and the bare words NaN, Infinity and -Infinity.
class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text), at_(0) {}

  Value whole() {
    const Value value = next(0);
    skip();
    if (at_ != text_.size()) fail();
    return value;
  }

 private:
  void fail() const { throw Error("JSON_INVALID", "this is not JSON: " + text_.substr(0, 200)); }
  void skip() {
    while (at_ < text_.size() && std::strchr(" \t\r\n", text_[at_]) != nullptr) ++at_;
  }
  bool takes(const char* word) {
    const std::size_t length = std::strlen(word);
    if (text_.compare(at_, length, word) != 0) return false;
    at_ += length;
    return true;
  }

  Value next(int depth) {
    if (depth > 100) fail();
    skip();
    if (takes("null")) return Value();
    if (takes("true")) return Value(true);
    if (takes("false")) return Value(false);
    if (takes("NaN")) return Value(std::numeric_limits<double>::quiet_NaN());
    if (takes("Infinity")) return Value(std::numeric_limits<double>::infinity());
    if (takes("-Infinity")) return Value(-std::numeric_limits<double>::infinity());
    if (at_ < text_.size() && text_[at_] == '"') return Value(string());
    if (takes("[")) return list(depth);
    if (takes("{")) return mapping(depth);
    const std::size_t from = at_;
    while (at_ < text_.size() && std::strchr("+-0123456789.eE", text_[at_]) != nullptr) ++at_;
    double number = 0;
    if (!read_number(text_.substr(from, at_ - from), &number)) fail();
    return Value(number);
  }

  Value list(int depth) {
    std::vector<Value> items;
    skip();
    if (takes("]")) return Value(items);
    for (;;) {
      items.push_back(next(depth + 1));
      skip();
      if (takes("]")) return Value(items);
      if (!takes(",")) fail();
    }
  }

  Value mapping(int depth) {
    Value::Members members;
    skip();
    if (takes("}")) return Value(members);
    for (;;) {
      skip();
      const std::string name = string();
      skip();
      if (!takes(":")) fail();
      members.push_back(std::make_pair(name, next(depth + 1)));
      skip();
      if (takes("}")) return Value(members);
      if (!takes(",")) fail();
    }
  }

  unsigned four_digits() {
    if (at_ + 4 > text_.size()) fail();
    const std::string digits = text_.substr(at_, 4);
    if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) fail();
    at_ += 4;
    return static_cast<unsigned>(std::strtoul(digits.c_str(), nullptr, 16));
  }

  static void append(std::string* text, unsigned code) {
    if (code < 0x80) {
      *text += static_cast<char>(code);
    } else if (code < 0x800) {
      *text += static_cast<char>(0xc0 | (code >> 6));
      *text += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
      *text += static_cast<char>(0xe0 | (code >> 12));
      *text += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
      *text += static_cast<char>(0x80 | (code & 0x3f));
    } else {
      *text += static_cast<char>(0xf0 | (code >> 18));
      *text += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
      *text += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
      *text += static_cast<char>(0x80 | (code & 0x3f));
    }
  }

  std::string string() {
    if (!takes("\"")) fail();
    std::string result;
    for (;;) {
      if (at_ >= text_.size()) fail();
      const char each = text_[at_++];
      if (each == '"') return result;
      if (each != '\\') {
        result += each;
        continue;
      }
      if (at_ >= text_.size()) fail();
      const char escaped = text_[at_++];
      static const char names[] = "\"\\/bfnrt";
      static const char meant[] = "\"\\/\b\f\n\r\t";
      const char* place = std::strchr(names, escaped);
      if (escaped == 'u') {
        unsigned code = four_digits();
        if (code >= 0xd800 && code < 0xdc00 && takes("\\u")) {
          const unsigned low = four_digits();
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        append(&result, code);
      } else if (place != nullptr && escaped != '\0') {
        result += meant[place - names];
      } else {
        fail();
      }
    }
  }

  const std::string& text_;
  std::size_t at_;
};

inline Value parse(const std::string& text) { return Parser(text).whole(); }

inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

inline long whole_number(const std::string& text, long fallback) {
  return text.empty() ? fallback : std::strtol(text.c_str(), nullptr, 10);
}

/// Set by SIGTERM.
inline volatile sig_atomic_t* terminated() {
  static volatile sig_atomic_t flag = 0;
  return &flag;
}
extern "C" inline void curvewise_on_sigterm(int) { *terminated() = 1; }

/// A stream of lines over a Unix socket.
class Connection {
 public:
  Connection() : socket_(-1) {}
  ~Connection() { close(); }

  void open(const std::string& path) {
    socket_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (socket_ < 0) fail("no socket can be made");
    ::fcntl(socket_, F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
    const int yes = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
    if (path.size() < sizeof(sockaddr_un().sun_path)) {
      connect(path);
      return;
    }
    // A socket's address holds about 100 characters: a link with a short name leads to a longer path.
    char folder[] = "/tmp/curvewise-XXXXXX";
    if (::mkdtemp(folder) == nullptr) fail("no link to " + path + " can be made in /tmp");
    const std::string link = std::string(folder) + "/s";
    const bool linked = ::symlink(path.c_str(), link.c_str()) == 0;
    try {
      if (!linked) fail("no link to " + path + " can be made in /tmp");
      connect(link);
    } catch (...) {
      ::unlink(link.c_str());
      ::rmdir(folder);
      throw;
    }
    ::unlink(link.c_str());
    ::rmdir(folder);
  }

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  void write_line(const std::string& line) {
    if (socket_ < 0) throw lost("the connection to Curvewise is broken");
    const std::string bytes = line + "\n";
    std::size_t sent = 0;
    while (sent < bytes.size()) {
#ifdef MSG_NOSIGNAL
      const ssize_t count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
#else
      const ssize_t count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, 0);
#endif
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("the connection to Curvewise broke");
      sent += static_cast<std::size_t>(count);
    }
  }

  /// Waits until there is something to read, or the program got SIGTERM; false in that case.
  bool wait() {
    while (held_.find('\n') == std::string::npos) {
      struct pollfd watched;
      watched.fd = socket_;
      watched.events = POLLIN;
      watched.revents = 0;
      const int ready = ::poll(&watched, 1, 1000);
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) fail("the connection to Curvewise broke");
      if (*terminated() != 0) return false;
    }
    return true;
  }

  std::string read_line() {
    for (;;) {
      const std::size_t end = held_.find('\n');
      if (end != std::string::npos) {
        const std::string line = held_.substr(0, end);
        held_.erase(0, end + 1);
        return line;
      }
      char bytes[4096];
      const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("the connection to Curvewise broke");
      if (count == 0) {
        close();
        throw lost("Curvewise closed the connection");
      }
      held_.append(bytes, static_cast<std::size_t>(count));
    }
  }

 private:
  Connection(const Connection&);
  Connection& operator=(const Connection&);

  static Error lost(const std::string& what) {
    return Error("CONNECTION_LOST", what, "End the program: this training no longer counts.");
  }

  void fail(const std::string& what) {
    const std::string why = std::strerror(errno);
    close();
    throw lost(what + ": " + why);
  }

  void connect(const std::string& path) {
    sockaddr_un address;
    std::memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    while (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      if (errno == EINTR) continue;
      fail("nobody listens at " + path);
    }
  }

  int socket_;
  std::string held_;
};

}  // namespace detail

/// A trial's params. A param that is off in this trial is absent.
class Params {
 public:
  Params() {}
  explicit Params(const Value::Members& members) : members_(members) {}

  bool has(const std::string& name) const { return find(name) != nullptr; }
  const Value::Members& all() const { return members_; }

  /// @throws Error PARAM_MISSING, PARAM_INVALID
  double number(const std::string& name) const { return as_number(name, needed(name)); }
  double number(const std::string& name, double fallback) const {
    const Value* value = find(name);
    return value == nullptr ? fallback : as_number(name, *value);
  }
  /// @throws Error PARAM_MISSING, PARAM_INVALID (also for a number with a fraction)
  long integer(const std::string& name) const { return as_integer(name, needed(name)); }
  long integer(const std::string& name, long fallback) const {
    const Value* value = find(name);
    return value == nullptr ? fallback : as_integer(name, *value);
  }
  /// @throws Error PARAM_MISSING, PARAM_INVALID
  std::string text(const std::string& name) const { return as_text(name, needed(name)); }
  std::string text(const std::string& name, const std::string& fallback) const {
    const Value* value = find(name);
    return value == nullptr ? fallback : as_text(name, *value);
  }
  /// @throws Error PARAM_MISSING, PARAM_INVALID
  bool boolean(const std::string& name) const { return as_boolean(name, needed(name)); }
  bool boolean(const std::string& name, bool fallback) const {
    const Value* value = find(name);
    return value == nullptr ? fallback : as_boolean(name, *value);
  }
  /// Any JSON value, such as a list. @throws Error PARAM_MISSING
  const Value& value(const std::string& name) const { return needed(name); }

  /// Sets a param, as for runs by hand.
  void set(const std::string& name, const Value& value) {
    for (Value::Members::iterator each = members_.begin(); each != members_.end(); ++each) {
      if (each->first != name) continue;
      each->second = value;
      return;
    }
    members_.push_back(std::make_pair(name, value));
  }

 private:
  const Value* find(const std::string& name) const {
    for (Value::Members::const_iterator each = members_.begin(); each != members_.end(); ++each) {
      if (each->first == name) return &each->second;
    }
    return nullptr;
  }
  const Value& needed(const std::string& name) const {
    const Value* value = find(name);
    if (value == nullptr) {
      throw Error("PARAM_MISSING", "there is no param " + name,
                  "Name it in the study's space, give --" + name + "=.. by hand, or give a fallback.");
    }
    return *value;
  }
  static void refuse(const std::string& name, const char* what) {
    throw Error("PARAM_INVALID", "the param " + name + " is not " + what);
  }
  static double as_number(const std::string& name, const Value& value) {
    if (value.kind() != Value::Kind::number) refuse(name, "a number");
    return value.number();
  }
  static long as_integer(const std::string& name, const Value& value) {
    const double number = as_number(name, value);
    if (!(std::fabs(number) <= 9007199254740991.0) || std::floor(number) != number) refuse(name, "a whole number");
    return static_cast<long>(number);
  }
  static std::string as_text(const std::string& name, const Value& value) {
    if (value.kind() != Value::Kind::text) refuse(name, "a text");
    return value.text();
  }
  static bool as_boolean(const std::string& name, const Value& value) {
    if (value.kind() != Value::Kind::boolean) refuse(name, "true or false");
    return value.boolean();
  }

  Value::Members members_;
};

/// A report's metrics, by name.
typedef std::map<std::string, double> Metrics;

/// The training that this program is.
class Trial {
 public:
  /// Reads what Curvewise says in the environment, and connects. By hand, params are the arguments `--name=value`.
  /// @throws Error CONNECTION_LOST, PARAMS_UNREADABLE
  explicit Trial(int argc = 0, char** argv = nullptr) : process_(::getpid()) {
    const std::string socket = detail::environment("CURVEWISE_SOCKET");
    attached_ = !socket.empty();
    study_ = detail::environment("CURVEWISE_STUDY");
    folder_ = detail::environment("CURVEWISE_DIR");
    resume_ = detail::environment("CURVEWISE_RESUME");
    counts_from_ = detail::environment("CURVEWISE_FIRST_STEP") == "0" ? 0 : 1;
    resume_step_ = detail::whole_number(detail::environment("CURVEWISE_RESUME_STEP"), counts_from_ - 1);
    snapshot_every_ = detail::whole_number(detail::environment("CURVEWISE_SNAPSHOT_EVERY"), 0);
    max_steps_ = detail::whole_number(detail::environment("CURVEWISE_MAX_STEPS"), 0);
    number_ = detail::whole_number(detail::environment("CURVEWISE_TRIAL"), 0);
    attempt_ = detail::whole_number(detail::environment("CURVEWISE_ATTEMPT"), 1);
    const std::string seed = detail::environment("CURVEWISE_SEED");
    seed_ = seed.empty() ? 0 : std::strtoull(seed.c_str(), nullptr, 10);
    for (int each = 1; each < argc && socket.empty(); ++each) take_argument(argv[each]);
    const std::string file = detail::environment("CURVEWISE_PARAMS");
    if (!file.empty()) read_params(file);
    if (!attached_) return;
    connection_.open(socket);
    watch_sigterm();
  }

  /// Whether Curvewise runs this program; false by hand.
  bool is_attached() const { return attached_; }
  const std::string& study() const { return study_; }
  /// Counted from 0.
  long number() const { return number_; }
  /// Counted from 1: which start of this trial's training it is.
  long attempt() const { return attempt_; }
  /// The present params: after Action::exploit, the new ones.
  const Params& params() const { return params_; }
  /// For the program's own randomness; the same for every attempt at a trial.
  unsigned long long seed() const { return seed_; }
  /// The step at which the training is complete; the fallback if the study says nothing, as by hand. In a study with
  /// `firstStep: 0`, one less than its `maxSteps`.
  long max_steps(long fallback) const { return max_steps_ > 0 ? max_steps_ - 1 + counts_from_ : fallback; }
  /// The trial's own folder; by hand, the present one.
  std::string dir() const { return folder_.empty() ? "." : folder_; }
  /// The snapshot to go on from; empty: the training begins. After Action::exploit, the model to load.
  const std::string& resume() const { return resume_; }
  /// Its step; the one before the first, which is 0 (or -1 in a study with `firstStep: 0`): the training begins.
  long resume_step() const { return resume_step_; }
  /// The first step to train.
  long first_step() const { return resume_step_ + 1; }

  /// Reports a step's metrics, once it is trained; NaN and infinities say that it diverged. Returns when they are
  /// recorded. Safe to call from several threads, one step after another.
  /// @throws Error CONNECTION_LOST, or what refused the report, such as STEP_NOT_INCREASING; the training may go on
  Action report(long step, const Metrics& metrics) { return report(step, metrics, false); }

  /// As report, from a program that can go on with another trial's model in place: on Action::exploit, load `resume()`,
  /// take `params()`, and train on with `first_step()`.
  Action report_able_to_exploit(long step, const Metrics& metrics) { return report(step, metrics, true); }

  /// Whether the state after this step should be saved: the program was told to pause, got SIGTERM, or the study wants
  /// snapshots at intervals.
  bool should_save(long step) const {
    if (!is_attached()) return false;
    if (last_ == Action::pause) return true;
    // A model that is given up, or not needed any longer, is not worth saving.
    return last_ == Action::go_on && snapshot_every_ > 0 &&
           (step + 1 - counts_from_) % snapshot_every_ == 0;
  }

  /// Saves the state after a step: `write` gets the path of a file to write, which is then renamed into place, so that a
  /// crash leaves no half of a snapshot, and handed in.
  /// @throws Error SAVE_FAILED, CONNECTION_LOST, or what refused the snapshot; and what `write` throws
  template <class Write>
  std::string save(long step, Write write) {
    const std::string path = dir() + "/snapshot-" + std::to_string(attempt_) + "-" + std::to_string(step);
    const std::string partial = path + ".partial";
    write(static_cast<const std::string&>(partial));
    if (std::rename(partial.c_str(), path.c_str()) != 0) {
      throw Error("SAVE_FAILED", partial + " cannot be renamed: " + std::strerror(errno),
                  "Write the snapshot to the path that is given.");
    }
    hand_in(step, path);
    return path;
  }

  /// Says that the state after a step is in a file of the trial's folder, which does not change from then on.
  /// @throws Error CONNECTION_LOST, or what refused the snapshot, such as SNAPSHOT_MISSING
  void hand_in(long step, const std::string& path) {
    ask("{\"snapshot\":{\"step\":" + std::to_string(step) + ",\"path\":" + detail::quote(path) + "}}");
    saved_step_ = step;
  }

  /// Told to pause and saved, waits in memory until the trial goes on, so that no start is needed; another trial may be
  /// trained meanwhile. True: train the next step, as attempt(). False: end. That is the answer at once if the program
  /// was not told to pause, if the step that it has reached was not saved, or where nobody parks programs.
  bool park() {
    const bool may_park = attached_ && told_ && last_ == Action::pause && saved_step_ == reported_step_;
    if (!may_park || detail::environment("CURVEWISE_PARK").empty()) return false;
    Value answer;
    try {
      const std::lock_guard<std::mutex> turn(lock_);
      connection_.write_line("{\"park\":{}}");
      if (!connection_.wait()) {
        connection_.close();
        return false;
      }
      answer = detail::parse(connection_.read_line());
    } catch (const Error&) {
      // Nobody is there any longer: the trial goes on from its snapshot, elsewhere.
      return false;
    }
    const Value* attempt = answer.find("attempt");
    if (text_of(answer, "action") != "continue") return false;
    if (attempt != nullptr) attempt_ = static_cast<long>(attempt->number());
    last_ = Action::go_on;
    told_ = false;
    return true;
  }

  /// What to return from main: 0; 143 if SIGTERM ended the training without being told, so that it does not count as
  /// complete.
  int exit_code() const { return *detail::terminated() != 0 && !told_ ? 128 + SIGTERM : 0; }

 private:
  Trial(const Trial&);
  Trial& operator=(const Trial&);

  void watch_sigterm() {
    struct sigaction present;
    if (::sigaction(SIGTERM, nullptr, &present) != 0 || present.sa_handler != SIG_DFL) return;
    struct sigaction wanted;
    std::memset(&wanted, 0, sizeof wanted);
    wanted.sa_handler = detail::curvewise_on_sigterm;
    // What the program reads at this moment is not cut short.
    wanted.sa_flags = SA_RESTART;
    ::sigaction(SIGTERM, &wanted, nullptr);
  }

  void take_argument(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    if (argument.compare(0, 2, "--") != 0 || equals == std::string::npos) return;
    const std::string name = argument.substr(2, equals - 2);
    const std::string text = argument.substr(equals + 1);
    try {
      params_.set(name, detail::parse(text));
    } catch (const Error&) {
      params_.set(name, Value(text));
    }
  }

  void read_params(const std::string& path) {
    std::ifstream file(path.c_str());
    if (!file) throw Error("PARAMS_UNREADABLE", path + " cannot be read");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    params_ = Params(detail::parse(text).members());
  }

  Value ask(const std::string& message) {
    const std::lock_guard<std::mutex> turn(lock_);
    if (!is_attached()) {
      std::cout << message << std::endl;
      return Value();
    }
    if (::getpid() != process_) {
      throw Error("FORKED", "a copy of the process that is connected cannot talk to Curvewise",
                  "Report from the process that made the Trial.");
    }
    connection_.write_line(message);
    const Value answer = detail::parse(connection_.read_line());
    const Value* error = answer.find("error");
    if (error == nullptr) return answer;
    throw Error(text_of(*error, "code"), text_of(*error, "message"), text_of(*error, "hint"));
  }

  static std::string text_of(const Value& value, const char* name) {
    const Value* member = value.find(name);
    return member == nullptr ? "" : member->text();
  }

  Action report(long step, const Metrics& metrics, bool can_exploit) {
    std::string message = "{\"report\":{\"step\":" + std::to_string(step) + ",\"metrics\":{";
    for (Metrics::const_iterator each = metrics.begin(); each != metrics.end(); ++each) {
      if (each != metrics.begin()) message += ",";
      message += detail::quote(each->first) + ":" + detail::write_number(each->second);
    }
    message += can_exploit ? "},\"exploit\":true}}" : "}}}";
    const Value answer = ask(message);
    const std::string action = text_of(answer, "action");
    reported_step_ = step;
    last_ = action == "pause"     ? Action::pause
            : action == "stop"    ? Action::stop
            : action == "exploit" ? Action::exploit
                                  : Action::go_on;
    if (last_ == Action::pause || last_ == Action::stop) told_ = true;
    if (last_ == Action::go_on && *detail::terminated() != 0) last_ = Action::pause;
    if (last_ == Action::exploit) {
      const Value* step_of_model = answer.find("step");
      const Value* new_params = answer.find("params");
      resume_ = text_of(answer, "resume");
      resume_step_ = step_of_model == nullptr ? 0 : static_cast<long>(step_of_model->number());
      if (new_params != nullptr) params_ = Params(new_params->members());
    }
    return last_;
  }

  detail::Connection connection_;
  std::mutex lock_;
  pid_t process_;
  bool attached_ = false;
  bool told_ = false;
  Action last_ = Action::go_on;
  std::string study_;
  std::string folder_;
  std::string resume_;
  long resume_step_ = 0;
  long counts_from_ = 1;
  long reported_step_ = 0;
  long saved_step_ = 0;
  long snapshot_every_ = 0;
  long max_steps_ = 0;
  long number_ = 0;
  long attempt_ = 1;
  unsigned long long seed_ = 0;
  Params params_;
};

}  // namespace curvewise

#endif  // CURVEWISE_HPP
