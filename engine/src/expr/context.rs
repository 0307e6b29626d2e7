//! The functions an expression may call, and DataFusion's planner set up with them.
//!
//! Built once for the process. Left out on purpose: functions that give other rows when a batch is computed again
//! (`random`, `uuid`), that read the wall clock, or that speak of the library instead of the data. So no function is
//! volatile, and an expression may be evaluated on a row again and again (a test holds it). `range` is left out because
//! two numbers make it as long as they like.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion_common::config::ConfigOptions;
use datafusion_common::{DataFusionError, Result, TableReference};
use datafusion_expr::planner::{ContextProvider, ExprPlanner, TypePlanner};
use datafusion_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, TableSource, WindowUDF};
use datafusion_sql::sqlparser::ast;

use super::spark;

const LEFT_OUT: [&str; 18] = [
    "random",
    "uuid",
    "now",
    "current_date",
    "current_time",
    "version",
    "arrow_cast",
    "arrow_try_cast",
    "arrow_metadata",
    "arrow_field",
    "get_metadata",
    "with_metadata",
    "union_extract",
    "union_tag",
    "generate_series",
    "range",
    "file_row_index",
    "input_file_name",
];

/// All functions by lower-case name, with their aliases.
pub(super) struct Context {
    functions: BTreeMap<String, Arc<ScalarUDF>>,
    aggregates: BTreeSet<String>,
    planners: Vec<Arc<dyn ExprPlanner>>,
    options: Arc<ConfigOptions>,
}

static CONTEXT: LazyLock<Context> = LazyLock::new(Context::new);

impl Context {
    /// The process's one context.
    pub(super) fn shared() -> &'static Self {
        &CONTEXT
    }

    fn new() -> Self {
        let all = datafusion_functions::all_default_functions()
            .into_iter()
            .chain(datafusion_functions_nested::all_default_nested_functions());
        let mut functions = BTreeMap::new();
        for function in all.filter(|function| !LEFT_OUT.contains(&function.name())) {
            for alias in function.aliases() {
                functions.insert(alias.to_lowercase(), Arc::clone(&function));
            }
            functions.insert(function.name().to_lowercase(), function);
        }
        let aggregates = datafusion_functions_aggregate::all_default_aggregate_functions()
            .iter()
            .flat_map(|function| function.aliases().iter().cloned().chain([function.name().to_owned()]))
            .map(|name| name.to_lowercase())
            .filter(|name| !functions.contains_key(name))
            .collect();
        let mut options = ConfigOptions::default();
        options.execution.enable_ansi_mode = true;
        Self {
            functions,
            aggregates,
            planners: vec![
                Arc::new(spark::SparkPlanner),
                Arc::new(datafusion_functions::core::planner::CoreFunctionPlanner::default()),
                Arc::new(datafusion_functions_nested::planner::NestedFunctionPlanner),
                Arc::new(datafusion_functions_nested::planner::FieldAccessPlanner),
                Arc::new(datafusion_functions::datetime::planner::DatetimeFunctionPlanner),
                Arc::new(datafusion_functions::unicode::planner::UnicodeFunctionPlanner),
            ],
            options: Arc::new(options),
        }
    }

    /// The function of this lower-case name.
    pub(super) fn function(&self, name: &str) -> Option<&Arc<ScalarUDF>> {
        self.functions.get(name)
    }

    /// Names of all functions, aliases included.
    pub(super) fn function_names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// Whether this lower-case name is an aggregate's.
    pub(super) fn is_aggregate(&self, name: &str) -> bool {
        self.aggregates.contains(name)
    }

    /// The options functions run with: ANSI mode, as in Spark 4.
    pub(super) fn config(&self) -> &Arc<ConfigOptions> {
        &self.options
    }
}

impl ContextProvider for Context {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        Err(DataFusionError::Plan(format!("`{name}` is a table; expressions read only the columns of their rows")))
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        &self.planners
    }

    fn get_type_planner(&self) -> Option<Arc<dyn TypePlanner>> {
        Some(Arc::new(SparkTypes))
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.function(name).cloned()
    }

    fn get_higher_order_meta(&self, _name: &str) -> Option<Arc<HigherOrderUDF>> {
        None
    }

    fn get_aggregate_meta(&self, _name: &str) -> Option<Arc<AggregateUDF>> {
        None
    }

    fn get_window_meta(&self, _name: &str) -> Option<Arc<WindowUDF>> {
        None
    }

    fn get_variable_type(&self, _variable_names: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        &self.options
    }

    fn udf_names(&self) -> Vec<String> {
        self.functions.keys().cloned().collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udaf_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udwf_names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Types where Spark's name means something else than DataFusion's.
#[derive(Debug)]
struct SparkTypes;

impl TypePlanner for SparkTypes {
    fn plan_type_field(&self, sql_type: &ast::DataType) -> Result<Option<FieldRef>> {
        let data_type = if matches!(sql_type, ast::DataType::Timestamp(_, _) | ast::DataType::TimestampNtz(_)) {
            Some(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())))
        } else if let ast::DataType::Custom(name, _) = sql_type {
            match name.to_string().to_lowercase().as_str() {
                "byte" => Some(DataType::Int8),
                "short" => Some(DataType::Int16),
                "long" => Some(DataType::Int64),
                _ => None,
            }
        } else {
            None
        };
        Ok(data_type.map(|data_type| Arc::new(Field::new("", data_type, true))))
    }
}
