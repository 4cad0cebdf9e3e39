"""What every request passes on its way to a route, and every response on its way back.

The door is `errors`, for routes, and `middlewares`, for wiring; `worker_process` is for CPU-bound work.
"""
