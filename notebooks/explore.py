# Databricks notebook source
# %% [markdown]
# # Explore a home
# Run `sluice run` first. This notebook opens the tables and looks; rules live in `etl` and `udfs`.

# %%
from pathlib import Path

from etl.io.home import Home
from etl.io.spark import build_session, on_databricks
from etl.io.tables import Warehouse

home = Home(Path(".sluice").absolute())
spark = build_session(home.scratch)
root = "" if on_databricks() else str(home.warehouse)
warehouse = Warehouse(spark, root, str(home.staging))

# %% [markdown]
# ## Pairs per category and language

# %%
warehouse.query("""
    SELECT category, language, count(*) AS pairs
    FROM silver.pairs GROUP BY ALL ORDER BY pairs DESC
""").show(30, truncate=False)

# %% [markdown]
# ## What was left out, and why

# %%
warehouse.query("""
    SELECT task, reason, count(*) AS keys
    FROM ops.rejects GROUP BY ALL ORDER BY keys DESC
""").show(50, truncate=False)

# %% [markdown]
# ## Scores, in steps of 0.05

# %%
warehouse.query("""
    SELECT floor(score * 20) / 20 AS score_from, count(*) AS pairs,
           count_if(below_bar IS NOT NULL) AS below_bar
    FROM gold.scored_pairs GROUP BY 1 ORDER BY 1
""").show(20)

# %% [markdown]
# ## The best pairs, to be read

# %%
warehouse.query("""
    SELECT s.score, p.category, p.instruction, p.response
    FROM silver.pairs p JOIN gold.scored_pairs s USING (pair_id)
    ORDER BY s.score DESC, p.pair_id LIMIT 5
""").show(5, truncate=2000, vertical=True)
