source("../curvewise.R")
trial <- curvewise_trial(list(lr = 0.1, momentum = 0.9), max_steps = 30)
model <- if (is.null(trial$resume)) list(weight = 5, speed = 0) else readRDS(trial$resume)
for (step in trial$steps()) {
  model$speed <- trial$params$momentum * model$speed - trial$params$lr * model$weight
  model$weight <- model$weight + model$speed
  action <- trial$report(step, loss = model$weight^2)
  if (trial$should_save(step)) trial$save(step, function(path) saveRDS(model, path))
  if (action != "continue" && !trial$park()) break
}
